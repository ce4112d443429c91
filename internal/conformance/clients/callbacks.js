'use strict';

// What callbacks are about, for the cases of verifyCallback: a name, and the approval request whose answer is reported.
// Left out are payloads that authy-client cannot verify when they are signed as other verifiers want it, because it sorts
// names as a dictionary does: "alpha" beside "Zeta", "Ámbito" beside "City". "[1]" inside a name is lost on others.

const logo = (res) => ({ res, url: `https://example.com/${res}.png?size=${res}&v=1` });

module.exports = {
  'a message only': { message: 'Log in?' },
  'details with ordinary names': {
    message: 'Send 12,400 dollars to ACME?',
    details: { visible: { Amount: '12,400.00 USD', City: 'Madrid', 'Initiated from': 'web' } },
  },
  'a name that begins another name': {
    message: 'Log in?',
    details: { visible: { Account: 'Savings', 'Account Number': '981266321', 'Account-Type': 'joint' } },
  },
  'names and values that are not ASCII': {
    message: '¿Iniciar sesión en Bogotá?',
    details: { visible: { Ciudad: 'Bogotá', Straße: 'Königsallee' }, hidden: { país: 'España' } },
  },
  'another script': { message: 'ログインしますか', details: { visible: { 場所: '東京' } } },
  emoji: { message: '🔐 Log in?', details: { visible: { Mood: '🙂👩‍👩‍👧', '🏠': 'home' } } },
  'everything that has to be escaped': {
    message: 'a&b=c+d%e f/g?h#i"j\'k<l>m\\n~*!()',
    details: { visible: { 'a&b': '=+%20 ~*', 'c=d': 'new\nline\ttab', "e'f": '"quoted"' } },
  },
  'hidden details': {
    message: 'Log in?',
    details: { visible: { City: 'Madrid' }, hidden: { ip: '10.10.3.203', trace: 'b7f3' } },
  },
  'empty values': { message: 'Log in?', details: { visible: { City: '', Device: 'phone' }, hidden: { ip: '' } } },
  'nested logos': { message: 'Log in?', logos: ['default', 'low', 'med', 'high'].map(logo) },
  'more logos than ten': {
    message: 'Log in?',
    logos: Array.from({ length: 12 }, (_, i) => ({ res: 'default', url: `https://example.com/${i}.png` })),
  },
};
