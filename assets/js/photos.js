// Photos on the phone: collected over several choices, shrunk before they are sent, shown small, and taken away again.
// Whatever does not work here, the field works without: the server does all of it once more.
//
// <input type="file" multiple data-photos="4" data-photo="Photo {n}" data-away="Take photo {n} away" data-most="Up to 4 …">

const LONGEST = 1600; // pixels: as the server keeps them
const SMALL = 240;
const QUALITY = 0.8;

/** An older browser would neither turn a photo as it was held, nor let us put what is shrunk into the field. */
function isAble() {
  try {
    return CSS.supports("image-orientation", "from-image") && new DataTransfer().items !== undefined;
  } catch (error) {
    return false;
  }
}

function opened(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onerror = reject;
    reader.onload = () => {
      const image = new Image();
      image.onerror = reject;
      image.onload = () => resolve(image);
      image.src = reader.result;
    };
    reader.readAsDataURL(file);
  });
}

function drawn(image, longest) {
  const scale = Math.min(1, longest / Math.max(image.naturalWidth, image.naturalHeight));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(image.naturalWidth * scale));
  canvas.height = Math.max(1, Math.round(image.naturalHeight * scale));
  const paper = canvas.getContext("2d");
  paper.fillStyle = "#fff";
  paper.fillRect(0, 0, canvas.width, canvas.height);
  paper.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas;
}

/** Makes the photo smaller, and without its notes, where that can be done; else it stays as it is. */
async function shrink(photo) {
  const image = await opened(photo.file);
  photo.small = drawn(image, SMALL).toDataURL("image/jpeg", QUALITY);
  const blob = await new Promise((resolve) => drawn(image, LONGEST).toBlob(resolve, "image/jpeg", QUALITY));
  if (blob) photo.file = new File([blob], "photo.jpg", { type: "image/jpeg" });
}

function collect(field) {
  const most = Number(field.dataset.photos);
  const list = document.createElement("ul");
  const said = document.createElement("p");
  list.className = "app-photos";
  said.className = "govuk-hint";
  said.setAttribute("aria-live", "polite");
  field.after(said, list);
  let photos = [];

  /** Put into the field, and number, what there is now. */
  function put() {
    const transfer = new DataTransfer();
    photos.forEach((photo, at) => {
      transfer.items.add(photo.file);
      photo.image.alt = field.dataset.photo.replace("{n}", at + 1);
      photo.away.textContent = field.dataset.away.replace("{n}", at + 1);
      if (photo.small) photo.image.src = photo.small;
    });
    field.files = transfer.files;
  }

  function add(file) {
    const item = document.createElement("li");
    const image = document.createElement("img");
    const away = document.createElement("button");
    const photo = { file, image, away };
    item.className = "app-photos__item";
    image.className = "app-photos__picture";
    away.type = "button";
    away.className = "govuk-button govuk-button--secondary";
    away.addEventListener("click", () => {
      photos = photos.filter((each) => each !== photo);
      item.remove();
      said.textContent = "";
      put();
      field.focus();
    });
    item.append(image, away);
    list.append(item);
    photos.push(photo);
    return photo;
  }

  field.addEventListener("change", () => {
    const room = most - photos.length - document.querySelectorAll("[name=kept]:checked").length;
    const chosen = Array.from(field.files);
    said.textContent = chosen.length > room ? field.dataset.most : "";
    const added = chosen.slice(0, Math.max(0, room)).map(add);
    put();
    // One after the other: an old phone has no room for several in memory.
    added.reduce((before, photo) => before.then(() => shrink(photo)).then(put, () => {}), Promise.resolve());
  });
}

if (isAble()) {
  document.querySelectorAll("[data-photos]").forEach(collect);
  // A form that the server gave back without a new page.
  document.addEventListener("shown", (event) => event.target.querySelectorAll("[data-photos]").forEach(collect));
}
