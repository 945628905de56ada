// Waiting: for a pause, and for what takes a while to be made.

import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { later, newest } from "../../imgmagic/notebook/panel/page/timing.js";

test("many calls act once, after the last; `now` acts at once, and only if one waits", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const acted = mock.fn();
  const schedule = later(100, acted);

  schedule.now();
  assert.equal(acted.mock.callCount(), 0);
  for (let time = 0; time < 3; time += 1) {
    schedule();
    mock.timers.tick(60);
  }
  assert.equal(acted.mock.callCount(), 0);
  mock.timers.tick(60);
  assert.equal(acted.mock.callCount(), 1);
  schedule();
  schedule.now();
  mock.timers.tick(200);
  assert.equal(acted.mock.callCount(), 2);
  mock.timers.reset();
});

test("of what changes while one is made, the newest is handed on last, and only that", async () => {
  /** @type {number[]} */
  const handed = [];
  let [now, making] = [0, 0];
  const ask = newest(
    async () => {
      making += 1;
      assert.equal(making, 1, "one at a time");
      const made = now;
      await new Promise((done) => setTimeout(done, 20 - made)); // the later, the sooner it is ready
      making -= 1;
      return made;
    },
    (made) => handed.push(made),
  );

  let sent = Promise.resolve();
  for (now = 1; now < 10; now += 1) sent = ask();
  await sent;
  assert.deepEqual(handed, [1, 10]);
  await ask();
  assert.deepEqual(handed, [1, 10, 10]);
});
