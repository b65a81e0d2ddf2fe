// What must survive an empty battery: IndexedDB, told to write through to the disk before it says "done".

const NAME = "jembatan.quiz";

let opened = null;

function open() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      for (const store of ["changes", "files"]) request.result.createObjectStore(store);
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error("blocked"));
  });
  return opened;
}

/** Runs `work` on the store; resolves once it is on the disk, or with undefined where nothing can be kept. */
async function within(store, mode, work) {
  try {
    const database = await open();
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(store, mode, { durability: "strict" });
      const request = work(transaction.objectStore(store));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onerror = () => reject(transaction.error);
      transaction.onabort = () => reject(transaction.error);
    });
  } catch {
    // Forbidden (a private window) or full: what is in the page still lives there until it is sent.
    return undefined;
  }
}

/** Keeps a value under this key. */
export const keep = (store, key, value) => within(store, "readwrite", (objects) => objects.put(value, key));

/** Forgets what is kept under this key. */
export const forget = (store, key) => within(store, "readwrite", (objects) => objects.delete(key));

/** Resolves with every value whose key begins like this. */
export async function keptUnder(store, prefix) {
  const range = IDBKeyRange.bound(prefix, `${prefix}\uffff`);
  return (await within(store, "readonly", (objects) => objects.getAll(range))) ?? [];
}
