// What helps in the console.
import "./fold.js";
import "./error_focus.js";
import "./character_count.js";
import "./submit_once.js";
import "./looked.js";
import "./charts.js";
import "./shortcuts.js";
import "./console_drafts.js";
import "./photos.js";
import "./phrases.js";
import "./passkeys.js";
import "./services.js";
