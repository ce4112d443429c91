// The phone's key, and what it signs. The private part cannot leave the browser: not even this page can read it.

const curve = { name: 'ECDSA', namedCurve: 'P-256' };
const bytesOf = (text) => new TextEncoder().encode(text);

/** A new key: the private part to sign with, the public part as a JWK, and its name (RFC 7638). */
export async function makeKey() {
  const pair = await crypto.subtle.generateKey(curve, false, ['sign', 'verify']);
  const { x, y } = await crypto.subtle.exportKey('jwk', pair.publicKey);
  const thumbprint = await crypto.subtle.digest('SHA-256', bytesOf(JSON.stringify({ crv: 'P-256', kty: 'EC', x, y })));
  return { privateKey: pair.privateKey, jwk: { kty: 'EC', crv: 'P-256', x, y }, id: base64url(new Uint8Array(thumbprint)) };
}

/** Proves that this browser holds the key: a JWS over the registration token. */
export const signProof = (key, token) => sign(key, 'onetouch-registration+jws', bytesOf(token));

/** Signs an answer. */
export const signAnswer = (key, statement) => sign(key, 'onetouch-answer+jws', bytesOf(JSON.stringify(statement)));

async function sign(key, typ, payload) {
  const head = base64url(bytesOf(JSON.stringify({ alg: 'ES256', kid: key.id, typ })));
  const input = `${head}.${base64url(payload)}`;
  const signature = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, key.privateKey, bytesOf(input));
  return `${input}.${base64url(new Uint8Array(signature))}`;
}

/**
 * The digest of what was shown, over its canonical JSON (RFC 8785). For an object of texts that is what JSON.stringify
 * writes, with names in the order of their UTF-16 code units, which is how JavaScript sorts.
 */
export async function digest({ appName, message, details }) {
  const sorted = Object.keys(details).sort().map((name) => `${JSON.stringify(name)}:${JSON.stringify(details[name])}`);
  const canonical =
    `{"app_name":${JSON.stringify(appName)},"details":{${sorted.join(',')}},"message":${JSON.stringify(message)}}`;
  const sum = new Uint8Array(await crypto.subtle.digest('SHA-256', bytesOf(canonical)));
  return Array.from(sum, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function base64url(bytes) {
  return btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
