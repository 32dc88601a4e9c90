// Builds static/ from the sources here; with --check it writes nothing and fails where the committed files differ.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gunzipSync, gzipSync } from "node:zlib";
import { buildSync } from "esbuild";
import { transform } from "lightningcss";
import postcss from "postcss";
import rtlcss from "postcss-rtlcss";
import { compile } from "sass";

const here = dirname(fileURLToPath(import.meta.url));
const goal = join(here, "..", "static");
const checking = process.argv.includes("--check");

// Phones of 2017 still open the pages: a lower target only adds prefixes, a higher one would lose them.
const targets = { chrome: 61 << 16, safari: 11 << 16, firefox: 60 << 16 };

// Adds to each rule that says left or right the other way round, for pages that run from right to left. Properties that
// say start and end instead are unknown to those phones, and are not what govuk-frontend is written with.
const mirror = postcss([rtlcss({ mode: "override" })]);

function css(name, { isMirrored = false, visitor } = {}) {
  let { css: code } = compile(join(here, "sass", `${name}.scss`), {
    loadPaths: [join(here, "node_modules/govuk-frontend/dist"), join(here, "node_modules")],
    quietDeps: true,
  });
  if (isMirrored) code = mirror.process(code, { from: undefined }).css;
  return transform({ filename: `${name}.css`, code: Buffer.from(code), minify: true, targets, visitor }).code;
}

function js(name, format = "esm") {
  const built = buildSync({
    entryPoints: [join(here, "js", `${name}.js`)],
    bundle: true,
    format,
    minify: true,
    target: "es2018",
    write: false,
  });
  return Buffer.from(built.outputFiles[0].contents);
}

// Residents read on a screen: what govuk-frontend adds for printers would be a sixth of their first download.
const withoutPrint = {
  Rule: {
    media(rule) {
      const queries = rule.value.query.mediaQueries;
      if (queries.length > 0 && queries.every((query) => query.mediaType === "print")) return [];
    },
  },
};

const outputs = {
  "resident.css": () => css("resident", { isMirrored: true, visitor: withoutPrint }),
  "open.css": () => css("open", { isMirrored: true }),
  "console.css": () => css("console"),
  "map.css": () => css("map"),
  "js/resident.js": () => js("resident"),
  "js/console.js": () => js("console"),
  "js/near.js": () => js("near"),
  "js/map.js": () => js("map"),
  // Not all browsers take a module for a worker.
  "js/work.js": () => js("work", "iife"),
  "js/service_worker.js": () => js("service_worker", "iife"),
};

mkdirSync(join(goal, "js"), { recursive: true });
for (const [name, make] of Object.entries(outputs)) {
  const built = Buffer.from(make());
  const path = join(goal, name);
  if (checking) {
    if (!built.equals(readFileSync(path)) || !built.equals(gunzipSync(readFileSync(`${path}.gz`)))) {
      console.error(`static/${name} is not what assets/ builds: run npm run build in assets/`);
      process.exitCode = 1;
    }
  } else {
    writeFileSync(path, built);
    // The web server hands out the small one by itself; without it a phone would load seven times as much.
    const small = gzipSync(built, { level: 9 });
    writeFileSync(`${path}.gz`, small);
    const sizes = [built.length, small.length, brotliCompressSync(built).length];
    console.log(`static/${name}: ${sizes[0]} bytes, gzip ${sizes[1]}, brotli ${sizes[2]}`);
  }
}
