// What helps on the pages of residents. They work without it, so that only what would move them comes before they are painted.
import "./error_focus.js";
import "./services.js";
import "./submit_once.js";
import "./copy.js";
import { whenPainted } from "./painted.js";

whenPainted(() => import("./filling_in.js"));
