// What the browser keeps: the phone that it is (key, access token), where it was in the stream of pushes, and which hosts
// may be asked for logos. IndexedDB is the one place that takes a key without seeing it.

const database = 'onetouch-phone';
const store = 'kept';

function open() {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(database, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(store);
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

async function within(mode, work) {
  const db = await open();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = db.transaction(store, mode);
      const asked = work(transaction.objectStore(store));
      transaction.oncomplete = () => resolve(asked.result);
      transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    db.close();
  }
}

/** What is kept under a name; undefined when nothing is. */
export const load = (name) => within('readonly', (kept) => kept.get(name));

export const save = (name, value) => within('readwrite', (kept) => kept.put(value, name));

/** Forgets everything. */
export const forget = () => within('readwrite', (kept) => kept.clear());

/** Forgets a phone, unless another tab has made this browser another one meanwhile. */
export const forgetPhone = (uuid) => within('readwrite', (kept) => {
  const asked = kept.get('phone');
  asked.onsuccess = () => {
    if (asked.result?.uuid === uuid) kept.clear();
  };
  return asked;
});
