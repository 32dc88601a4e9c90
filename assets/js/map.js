// The sites of a report as points beside their list. The list says all of it; here one sees what lies near what.
//
// Tiles are there only where the installation names where to get them; else the points stand on plain ground.
import { circleMarker, control, latLngBounds, map, tileLayer } from "leaflet";

const NEAREST = 16; // a single site does not need the whole screen
const [SMALL, LARGE] = [7, 18]; // pixels
const [EDGE, ROOM_FOR_NAMES] = [24, 120]; // pixels
const FEW = 25; // so many names can stand beside their points

const place = document.querySelector("[data-map]");
const rows = Array.from(document.querySelectorAll("[data-latitude]"));

function size(overdue, most) {
  return most ? SMALL + (LARGE - SMALL) * Math.sqrt(overdue / most) : SMALL;
}

// Words of people and of settings stay words: Leaflet would take a string for HTML.
function plain(words) {
  const label = document.createElement("span");
  label.textContent = words;
  return label;
}

function choose(row) {
  rows.forEach((other) => other.classList.toggle("app-map__chosen", other === row));
  // Within its list only: the page stays where it is.
  row.parentElement.scrollTop = row.offsetTop - row.parentElement.offsetTop;
}

function meets(one, other) {
  return one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;
}

// Each name beside its point where it covers neither another name nor the edge; a name for which there is no room
// stays away until somebody points at it. The list has all of them.
function name(points) {
  const ground = place.getBoundingClientRect();
  const taken = [];
  for (const { point, words } of points) {
    const beside = point.getRadius() - 4;
    const sides = [["right", [beside, 0]], ["left", [-beside, 0]], ["bottom", [0, beside]], ["top", [0, -beside]]];
    const fits = sides.some(([direction, offset]) => {
      point.unbindTooltip().bindTooltip(plain(words), { permanent: true, direction, offset });
      const box = point.getTooltip().getElement()?.getBoundingClientRect();
      if (!box || taken.some((other) => meets(box, other))) return false;
      if (box.left < ground.left || box.right > ground.right || box.top < ground.top || box.bottom > ground.bottom) return false;
      taken.push(box);
      return true;
    });
    if (!fits) point.unbindTooltip().bindTooltip(plain(words), { direction: "top" });
  }
}

function draw() {
  place.hidden = false;
  // Without fading, as names are tried on one side after the other.
  const drawn = map(place, { keyboard: false, scrollWheelZoom: false, attributionControl: false, fadeAnimation: false });
  control.scale({ imperial: false }).addTo(drawn);
  if (place.dataset.tiles) {
    tileLayer(place.dataset.tiles, { maxZoom: 19, alt: "" }).addTo(drawn);
    control.attribution({ prefix: false }).addAttribution(plain(place.dataset.credit).innerHTML).addTo(drawn);
  }
  const most = Math.max(...rows.map((row) => Number(row.dataset.overdue)));
  const positions = rows.map((row) => [Number(row.dataset.latitude), Number(row.dataset.longitude)]);
  const named = rows.length <= FEW;
  drawn.fitBounds(latLngBounds(positions), {
    paddingTopLeft: [EDGE, EDGE],
    paddingBottomRight: [named ? ROOM_FOR_NAMES : EDGE, EDGE],
    maxZoom: NEAREST,
    animate: false,
  });
  const points = rows.map((row, nth) => {
    const overdue = Number(row.dataset.overdue);
    const point = circleMarker(positions[nth], {
      radius: size(overdue, most),
      className: overdue ? "app-map__overdue" : "app-map__fine",
    });
    point.bindTooltip(plain(row.dataset.name), { direction: "top" }).addTo(drawn);
    point.on("click", () => choose(row));
    const passing = () => !point.getTooltip().options.permanent;
    row.addEventListener("mouseenter", () => passing() && point.openTooltip());
    row.addEventListener("mouseleave", () => passing() && point.closeTooltip());
    return { point, words: row.dataset.name };
  });
  if (!named) return;
  name(points);
  drawn.on("zoomend", () => name(points));
}

if (place && rows.length) draw();
