// What helps on the pages of residents.
import "./error_focus.js";
import "./character_count.js";
import "./services.js";
import "./give.js";
import "./submit_once.js";
import "./copy.js";
import "./photos.js";
import "./waiting.js";
import "./offline.js";
