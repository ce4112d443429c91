'use strict';

// The clients' methods that the server does not answer yet. Every other method has its cases in the suites.
module.exports = {
  authy: [
    'verify',
    'request_sms',
    'request_call',
    'phones().verification_start',
    'phones().verification_check',
    'phones().verification_status',
    'phones().info',
  ],
  'authy-client': [
    'getApplicationDetails',
    'getApplicationStatistics',
    'getPhoneInformation',
    'registerActivity',
    'requestCall',
    'requestSms',
    'verifyToken',
    'startPhoneVerification',
    'verifyPhone',
  ],
};
