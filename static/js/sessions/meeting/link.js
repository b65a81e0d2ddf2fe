/* A meeting that is only linked to: it opens outside this page, and nothing it does is known here (index.js). */

import { showElsewhere } from "./elsewhere.js";
import { listeners } from "./listeners.js";

export async function openMeeting(container, config, given) {
  const on = listeners(given);
  const takeAway = showElsewhere(container, config.links, { code: "link_only", on });
  on.ready();
  return { leave: async () => {}, dispose: async () => takeAway(), can: {} };
}
