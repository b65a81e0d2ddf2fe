/* The others in the built-in room, a tile each: their picture, their shared screen, their sound.
 *
 * `openTiles(list, template, refused)`: the list to fill, the tile's <template>, and what to call when the browser plays
 * no sound before the person has clicked something.
 */

export function openTiles(list, template, refused) {
  const tiles = new Map();
  const sent = new Map(); // place → what they send
  let level = "all";
  const part = (tile, name) => tile.querySelector(`[data-part="${name}"]`);

  function play(element) {
    element.play().catch((error) => error.name === "NotAllowedError" && refused());
  }

  function add(place, name) {
    if (tiles.has(place)) return tiles.get(place);
    const tile = template.content.cloneNode(true).firstElementChild;
    tile.dataset.place = place;
    part(tile, "name").textContent = name;
    tiles.set(place, tile);
    list.append(tile);
    return tile;
  }

  function show(tile, what, is) {
    if (what === "audio") {
      part(tile, "silent").hidden = is;
      return;
    }
    const shown = is && !(what === "camera" && level === "none");
    part(tile, what).hidden = !shown;
    if (what === "camera") part(tile, "blank").hidden = shown;
    if (shown) play(part(tile, what));
  }

  return {
    add,
    media(place, what, track) {
      const tile = tiles.get(place);
      if (!tile || !what) return;
      const element = part(tile, what);
      element.srcObject = new MediaStream([track]);
      play(element);
    },
    sending(place, what) {
      const tile = tiles.get(place);
      sent.set(place, what);
      if (tile) Object.entries(what).forEach(([one, is]) => show(tile, one, is));
    },
    state(place, state) {
      const tile = tiles.get(place);
      if (!tile) return;
      tile.dataset.state = state;
      part(tile, "connecting").hidden = ["connected", "failed"].includes(state);
      part(tile, "failed").hidden = state !== "failed";
    },
    /** With "none" nobody's camera is shown; shared screens are. */
    pictures(wanted) {
      level = wanted;
      tiles.forEach((tile, place) => sent.has(place) && show(tile, "camera", sent.get(place).camera));
    },
    playAll: () => tiles.forEach((tile) => tile.querySelectorAll("audio, video").forEach(play)),
    remove(place) {
      tiles.get(place)?.remove();
      tiles.delete(place);
      sent.delete(place);
    },
    clear() {
      list.replaceChildren();
      tiles.clear();
      sent.clear();
    },
  };
}
