// An extension of JupyterLab 4 and Notebook 7 that needs no build: the page loads this script and asks the container that
// it leaves, as webpack's module federation has them, for plugins. What it uses is the page's own.

import { openLarge } from "./large_pictures.js";
import { follow } from "./prompt_cell.js";

/** @import { Model } from "./prompt_cell.js" */
/** @typedef {{ loaded?: unknown, get(): Promise<() => any> }} Shared */
/** @typedef {Record<string, Record<string, Shared>>} Scope */

const NAME = "jupyter-imgmagic";
// In plain text the editor knows neither: a whole cell can be commented out, and an apostrophe stays single.
const WHILE_PROMPT = [{ commentTokens: { line: "#" }, closeBrackets: { brackets: ["(", "[", "{"] } }];

/** Import a package that the page shares, the version that runs already. @param {Scope} scope @param {string} name */
async function shared(scope, name) {
  const versions = Object.values(scope[name] ?? {});
  const module = await (versions.find((each) => each.loaded) ?? versions[0])?.get();
  if (!module) throw new Error(`${NAME}: this page does not share ${name}`);
  return module();
}

/** Return what makes an editor follow its cell; one cell may have several editors. @param {any} codemirror @param {any} state */
function editorExtension({ EditorExtensionRegistry }, { EditorState }) {
  /** @type {WeakMap<Model, () => boolean>} */
  const followed = new WeakMap();
  return (/** @type {{ model: Model & { type?: string } }} */ { model }) => {
    if (model.type !== "code") return null;
    const holdsPrompt = followed.get(model) ?? follow(model);
    followed.set(model, holdsPrompt);
    const data = EditorState.languageData.of(() => (holdsPrompt() ? WHILE_PROMPT : []));
    return EditorExtensionRegistry.createImmutableExtension(data);
  };
}

/** @param {Scope} scope */
async function plugins(scope) {
  const [codemirror, state] = await Promise.all([
    shared(scope, "@jupyterlab/codemirror"),
    shared(scope, "@codemirror/state"),
  ]);
  const name = `${NAME}:prompt-cells`;
  return [
    {
      id: name,
      description: "Shows the prompt of a %%imagine cell as plain text.",
      autoStart: true,
      requires: [codemirror.IEditorExtensionRegistry],
      activate: (/** @type {unknown} */ _, /** @type {any} */ editors) =>
        editors.addExtension({ name, factory: editorExtension(codemirror, state) }),
    },
    {
      id: `${NAME}:large-pictures`,
      description: "Opens a picture of a figure large.",
      autoStart: true,
      activate: (/** @type {any} */ app) => openLarge(document, app),
    },
  ];
}

/** @type {Scope} */
let scope = {};
const page = /** @type {{ _JUPYTERLAB?: Record<string, unknown> }} */ (window);
page._JUPYTERLAB ??= {};
page._JUPYTERLAB[NAME] = {
  init: (/** @type {Scope} */ given) => {
    scope = given;
  },
  get: async () => {
    const all = await plugins(scope);
    return () => all;
  },
};
