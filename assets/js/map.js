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

function draw() {
  place.hidden = false;
  const drawn = map(place, { keyboard: false, scrollWheelZoom: false, attributionControl: false });
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
  rows.forEach((row, nth) => {
    const overdue = Number(row.dataset.overdue);
    const point = circleMarker(positions[nth], {
      radius: size(overdue, most),
      className: overdue ? "app-map__overdue" : "app-map__fine",
    });
    const offset = named ? [point.getRadius() - 4, 0] : [0, 0];
    point.bindTooltip(plain(row.dataset.name), { permanent: named, direction: named ? "right" : "top", offset }).addTo(drawn);
    point.on("click", () => choose(row));
    if (named) return;
    row.addEventListener("mouseenter", () => point.openTooltip());
    row.addEventListener("mouseleave", () => point.closeTooltip());
  });
}

if (place && rows.length) draw();
