// A script of the page that did not arrive would leave it waiting for ever: the banner says so instead.

import { showConnection } from "./connection.js";

/** Call from the page's first script: a later one that fails is reported when its turn would have come. */
export function watchScripts() {
  addEventListener("error", (event) => event.target instanceof HTMLScriptElement && showConnection("incomplete"), true);
}
