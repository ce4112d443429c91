// What others wrote, for people to read. It only ever becomes the text of an element, which runs nothing; what remains is
// characters that hide, or that change how the rest reads.

const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/gu;
const hidden = /[\u200b\u2028\u2029\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb]/gu;

// The flags of England, Scotland and Wales are spelt with tags, which are hidden anywhere else.
const tags = /\u{1f3f4}[\u{e0020}-\u{e007f}]+|[\u{e0000}-\u{e007f}]/gu;

/** Text with everything visible: ESC becomes ␛, an override of the reading direction <U+202E>. Lines and tabs stay. */
export function visible(text) {
  const shown = text.replace(controls, picture).replace(hidden, codePoint);
  return shown.replace(tags, (found) => (found.length > 2 ? found : codePoint(found)));
}

/** The same on one line, for a label or a title. */
export function visibleLine(text) {
  return visible(text).replace(/[\n\t]/gu, picture);
}

function picture(character) {
  const code = character.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return code === 0x7f ? '\u2421' : codePoint(character);
}

function codePoint(character) {
  return `<U+${character.codePointAt(0).toString(16).toUpperCase().padStart(4, '0')}>`;
}

/** How long is left, in seconds, for a clock: 1:59, 1:02:03, 2 d 3 h. */
export function countdown(seconds) {
  const left = Math.max(0, Math.floor(seconds));
  const [days, hours, minutes] = [Math.floor(left / 86400), Math.floor(left / 3600) % 24, Math.floor(left / 60) % 60];
  const two = (n) => String(n).padStart(2, '0');
  if (days > 0) return `${days} d ${hours} h`;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(left % 60)}` : `${minutes}:${two(left % 60)}`;
}

/** The moment of epoch seconds, in the reader's own way. */
export function moment(seconds) {
  return new Date(seconds * 1000).toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' });
}
