// What helps who fills in the form, with and without a line. Hardly anything of it is seen before something is done.
import "./character_count.js";
import "./give.js";
import "./photos.js";
import "./waiting.js";
import "./offline.js";
