import { chooseSeveral } from "../lib/choose.js";

chooseSeveral();
