// What every page's script does: small conveniences over HTML that already works without them.
import { countDown } from "./time.js";
import { offerThemes } from "./theme.js";
import { closeMenus } from "./menu.js";
import { openDialogs } from "./dialog.js";
import { askFirst } from "./confirm.js";
import { acceptDrops, nameChosenFiles } from "./file-drop.js";
import { hold, meetProblems, nameChoices, nameProblems, showPasswords } from "./forms.js";
import { dismissNotices } from "./toast.js";
import { sendWhenReached } from "./sending.js";
import { showCurrentTab } from "./tabs.js";
import { watchScripts } from "./missing-scripts.js";

watchScripts();
offerThemes();
closeMenus();
openDialogs();
askFirst();
countDown();
acceptDrops();
nameChosenFiles();
showPasswords();
sendWhenReached();
hold();
nameChoices();
nameProblems();
meetProblems();
dismissNotices();
showCurrentTab();
