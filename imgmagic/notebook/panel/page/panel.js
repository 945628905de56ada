// The panel's part in the page.

import { widgetInPlaces } from "./places.js";
import { View } from "./view.js";

export default widgetInPlaces({
  place: "data-imgmagic-panel",
  still: "data-imgmagic-summary", // it would only repeat what the panel shows
  make: (model, el) => new View(model, el),
});
