// Made from from_page.py, shown.py and to_page.py by `make page`; do not edit.

export interface Fields {
  prompt: string;
  provider: string;
  model: string;
  values: Record<string, string>;
  other: string;
  max_cost: string;
  tags: string;
  images: string;
  mask: string;
  markup: string;
  varied: Array<[string, Array<string>]>;
  paste_back: boolean;
  vary: string;
}

export interface Search {
  text: string;
  model: string;
  tag: string;
  star: boolean;
  rating: number;
  session: boolean;
}

export interface AskHello {
  kind: "hello";
}

export interface AskCheck {
  kind: "check";
  fields: Fields;
  number?: number;
}

export interface AskGenerate {
  kind: "generate";
  fields: Fields;
}

export interface AskStop {
  kind: "stop";
  run?: number | null;
}

export interface AskDismiss {
  kind: "dismiss";
  run: number;
}

export interface AskKey {
  kind: "key";
  provider: string;
  key: string;
}

export interface AskPage {
  kind: "page";
  search: Search;
  number?: number;
  before?: number | null;
}

export interface AskThumbs {
  kind: "thumbs";
  pictures: Array<[number, number]>;
}

export interface AskOpen {
  kind: "open";
  id: number;
  picture?: number;
}

export interface AskDownload {
  kind: "download";
  id: number;
  picture: number;
}

export interface AskGrid {
  kind: "grid";
  sweep: number;
}

export interface AskUse {
  kind: "use";
  id: number;
}

export interface AskEdit {
  kind: "edit";
  id: number;
  picture: number;
}

export interface AskPainted {
  kind: "painted";
  picture: string;
}

export interface AskAgain {
  kind: "again";
  id: number;
}

export interface AskStar {
  kind: "star";
  id: number;
  picture: number;
  on: boolean;
}

export interface AskRate {
  kind: "rate";
  id: number;
  picture: number;
  rating: number;
}

export interface AskTags {
  kind: "tags";
  id: number;
  text: string;
}

export interface AskNote {
  kind: "note";
  id: number;
  picture: number;
  text: string;
}

export interface AskForget {
  kind: "forget";
  id: number;
}

export interface AskCompare {
  kind: "compare";
  pictures: Array<[number, number]>;
}

export interface AskCode {
  kind: "code";
  id?: number | null;
  fields?: Fields | null;
}

export interface Provider {
  name: string;
  ready: boolean;
}

export interface Control {
  name: string;
  label: string;
  kind: "choice" | "number" | "text" | "json";
  help: string;
  choices: Array<string>;
  offers: Array<string>;
  low: number | null;
  high: number | null;
  unset: string;
  main: boolean;
}

export interface Absent {
  name: string;
  label: string;
  reason: string;
}

export interface Problem {
  title: string;
  text: string;
  next: string;
}

export interface Picture {
  number: number;
  partial: boolean;
  derived: boolean;
  star: boolean;
  rating: number | null;
  note: string;
}

export interface Entry {
  id: number;
  prompt: string;
  model: string;
  status: string;
  at: string;
  star: boolean;
  pictures: Array<Picture>;
}

export interface Ancestor {
  id: number;
  forgotten: boolean;
}

export interface Details {
  entry: Entry;
  prompt: string;
  template: string;
  provider: string;
  parameters: Array<[string, string]>;
  revised: Array<string>;
  sizes: Array<string>;
  usage: Array<[string, string]>;
  cost: string;
  elapsed_s: number | null;
  first_partial_s: number | null;
  request_id: string;
  error: string;
  tags: Array<string>;
  note: string;
  line: Array<Ancestor>;
  began_from: Array<number>;
  began: Array<number>;
}

export interface Piece {
  change: "same" | "added" | "removed";
  text: string;
}

export interface Row {
  name: string;
  values: Array<string>;
  differs: boolean;
}

export interface Compared {
  name: string;
  model: string;
  prompt: string;
  words: Array<Piece>;
  format: string;
}

export interface ModelTotals {
  model: string;
  session: [string, string, string];
  today: [string, string, string];
}

export interface Hello {
  kind: "hello";
  most_thumbs: number;
  most_compared: number;
  cell: string;
}

export interface Fill {
  kind: "fill";
  fields: Fields;
  providers: Array<Provider> | null;
  used: number | null;
}

export interface Form {
  kind: "form";
  number: number;
  faults: Array<[string, string]>;
  provider: string;
  title: string;
  model: string;
  models: Array<string>;
  controls: Array<Control>;
  absent: Array<Absent>;
  key_wanted: boolean;
  price: string;
  left: string;
  pictures: number;
  names: Array<string>;
}

export interface Painting {
  kind: "painting";
  picture: string;
  mask: string;
  width: number;
  height: number;
  format: string;
}

export interface Refused {
  kind: "refused";
  faults: Array<[string, string]>;
}

export interface Run {
  kind: "run";
  run: number;
  state: string;
  ended: boolean;
  line: string;
  seconds: number | null;
  prompt: string;
  aspect: [number, number];
  tiles: Array<string>;
  id: number | null;
  sweep: number | null;
  problem: Problem | null;
}

export interface Tile {
  kind: "tile";
  run: number;
  index: number;
  format: string;
}

export interface Dismissed {
  kind: "dismissed";
  run: number;
}

export interface Page {
  kind: "page";
  number: number;
  first: boolean;
  records: Array<Entry>;
  more: boolean;
}

export interface Thumb {
  kind: "thumb";
  id: number;
  picture: number;
  format: string;
}

export interface News {
  kind: "news";
  newest: Entry | null;
  models: Array<string>;
  tags: Array<string>;
}

export interface Record {
  kind: "record";
  details: Details;
  picture: number;
  format: string;
  name: string;
}

export interface Changed {
  kind: "changed";
  details: Details;
}

export interface Forgotten {
  kind: "forgotten";
  id: number;
}

export interface Comparison {
  kind: "comparison";
  pictures: Array<Compared>;
  rows: Array<Row>;
}

export interface Download {
  kind: "download";
  name: string;
  format: string;
}

export interface Grid {
  kind: "grid";
  title: string;
  html: string;
}

export interface Code {
  kind: "code";
  cell: string;
  call: string;
}

export interface Totals {
  kind: "totals";
  session: string;
  today: string;
  models: Array<ModelTotals>;
}

export interface Said {
  kind: "said";
  problem: Problem;
}

export type FromPage =
  | AskStar
  | AskRate
  | AskTags
  | AskNote
  | AskPage
  | AskThumbs
  | AskOpen
  | AskDownload
  | AskUse
  | AskEdit
  | AskAgain
  | AskForget
  | AskCompare
  | AskHello
  | AskCheck
  | AskGenerate
  | AskStop
  | AskDismiss
  | AskKey
  | AskCode
  | AskGrid
  | AskPainted;

export type ToPage =
  | Hello
  | Fill
  | Form
  | Painting
  | Refused
  | Run
  | Tile
  | Dismissed
  | Page
  | Thumb
  | News
  | Record
  | Changed
  | Forgotten
  | Comparison
  | Download
  | Grid
  | Code
  | Totals
  | Said;
