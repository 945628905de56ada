// The keyboard as a hand: arrows move a cursor over the picture, Space or Enter presses and lifts it.

/** @import { Surface } from "./surface.js" */
/** @import { Hand } from "./tools.js" */

/** @type {Record<string, [number, number]>} */
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const STEPS = 64; // across the picture

export class Keyboard {
  /**
   * @param {Surface} surface
   * @param {Hand} hand
   * @param {(lifted: boolean) => void} changed called after a press, and with true after a release
   */
  constructor(surface, hand, changed) {
    this.surface = surface;
    this.hand = hand;
    this.changed = changed;
    this.cursor = { x: surface.width / 2, y: surface.height / 2 };
  }

  /** Return whether a key was the cursor's. @param {KeyboardEvent} event */
  press(event) {
    const move = MOVES[event.key];
    if (move) this.move(move, event.shiftKey);
    else if (event.key === " " || event.key === "Enter") this.toggle();
    else if (event.key === "Escape" && this.hand.isDown) this.hand.cancel();
    else return false;
    this.show();
    return true;
  }

  /** @param {[number, number]} direction @param {boolean} finely */
  move([dx, dy], finely) {
    const step = finely ? 1 : Math.max(1, Math.round(this.surface.width / STEPS));
    this.cursor = {
      x: Math.min(this.surface.width - 1, Math.max(0, this.cursor.x + dx * step)),
      y: Math.min(this.surface.height - 1, Math.max(0, this.cursor.y + dy * step)),
    };
    if (this.hand.isDown) this.hand.move(this.cursor);
  }

  toggle() {
    if (this.hand.isDown) this.changed(this.hand.up());
    else {
      this.hand.down(this.cursor);
      this.changed(false);
    }
  }

  /** Show the cursor as a cross in a ring of the brush's size. */
  show() {
    if (this.hand.isDown) return;
    const { x, y } = this.cursor;
    const arm = Math.max(8, this.surface.width / 40);
    this.surface.preview((context) => {
      context.beginPath();
      context.arc(x, y, this.hand.size / 2, 0, 2 * Math.PI);
      for (const [dx, dy] of Object.values(MOVES)) {
        context.moveTo(x, y);
        context.lineTo(x + dx * arm, y + dy * arm);
      }
      context.stroke();
    });
  }

  /** Say where the cursor is, for those who hear the page. */
  get said() {
    const { x, y } = this.cursor;
    return `${Math.round(x)}, ${Math.round(y)}${this.hand.isDown ? ", pressed" : ""}`;
  }
}
