/** Style sheets of the shadow root. */

import boxCss from "./box.css" with { type: "css" };
import resultsCss from "./results.css" with { type: "css" };
import { chartCss } from "./chart.js";

export const SHEETS = [resultsCss, chartCss, boxCss];
