// Made-up drawings in the form that bundlers leave.
import { a as b } from "./other.js";
/* parts: { head: { head1: "no" } } */
const pattern = /['"`{]/g, half = 1 / 2;
const genders = { hair: { short: "both" }, head: ["both"] };
const svgs = {
  "accessories": {
    hat: '<path d="M52 230C50 130 110 60 200 60C290 60 350 130 348 230C250 195 150 195 52 230Z" fill="$[secondary]" stroke="#000" stroke-width="6"/>',
    headband: `<path d="M60 225C150 195 250 195 340 225L338 200C250 170 150 170 62 200Z" fill="$[primary]" stroke="#000" stroke-width="4"/>`,
    "none": "",
  },
  body: {
    body: '<path d="M-20 620C-10 540 60 530 150 520L150 460L250 460L250 520C340 530 410 540 420 620Z" fill="$[skinColor]" stroke="#000" stroke-width="6"/>',
  },
  ear: {
    ear1: `<path d="M43 10C20 0 3 15 3 35C3 55 20 66 43 58Z" fill="$[skinColor]" stroke="#000" stroke-width="6"/>`,
  },
  eye: {
    'eye1': "<style type=\"text/css\">\n    <!-- drawing programs write such comments -->\n    .white{fill:#ffffff;stroke:#000000;stroke-width:4}\n    .iris{fill:#000}\n  </style>\n  <g id=\"eye\"><ellipse class=\"white\" cx=\"33\" cy=\"28\" rx=\"30\" ry=\"17\"/><circle class=\"iris\" cx=\"33\" cy=\"28\" r=\"9\"/></g>",
    eye2: '<path d="M3 20C20 5 45 5 63 20C45 35 20 35 3 20Z" fill="#fff" stroke="#000" stroke-width="5"/><circle cx="33" cy="20" r="7"/>',
  },
  eyeLine: {
    line1: `<path d="M115 340C130 350 150 350 165 340M235 340C250 350 270 350 285 340" fill="none" stroke="#000" stroke-width="3"/>`,
  },
  "eyebrow": {
    "eyebrow1": "<path d=\"M3 20C20 5 50 2 70 10L68 18C48 12 22 16 6 28Z\" fill=\"$[hairColor]\" stroke=\"#000\" stroke-width=\"2\"/>",
  },
  facialHair: {
    beard1: '<path d="M62 320C70 440 130 505 200 505C270 505 330 440 338 320C320 400 280 405 250 400C220 395 180 395 150 400C120 405 80 400 62 320Z" fill="$[hairColor]" stroke="#000" stroke-width="4" fill-rule="evenodd"/>',
    fullgoatee: `<path d="M150 410C180 395 220 395 250 410L245 480C220 500 180 500 155 480ZM170 425L170 455L230 455L230 425Z" fill="$[hairColor]" fill-rule="evenodd"/>`,
    'mustache1': "<path d=\"M150 418C170 395 230 395 250 418C230 410 170 410 150 418Z\" fill=\"$[hairColor]\"/>",
    none: '',
  },
  "glasses": {
    'glasses2-black': `<path d="M85 285L180 285L180 335L85 335ZM220 285L315 285L315 335L220 335ZM180 300L220 300" fill="rgba(150,150,175,.3)" stroke="#222" stroke-width="8"/>`,
    "none": "",
  },
  hair: {
    afro: '<path d="M50 300C-30 180 60 20 200 20C340 20 430 180 350 300C345 220 300 180 200 180C100 180 55 220 50 300Z" fill="$[hairColor]" stroke="#000" stroke-width="4"/>',
    bald: `<g/>`,
    'longHair': "<path d=\"M40 460C20 260 80 90 200 90C320 90 380 260 360 460L330 460C335 330 310 210 200 190C90 210 65 330 70 460Z\" fill=\"$[hairColor]\" stroke=\"#000\" stroke-width=\"4\"/>",
    parted: '<path d="M58 290C50 170 110 90 160 96L175 130L200 90C290 90 350 170 342 290C335 230 310 190 170 150C100 190 65 230 58 290Z" fill="$[hairColor]" stroke="#000" stroke-width="4"/>',
    short: `<path d="M58 290C50 170 110 96 200 96C290 96 350 170 342 290C335 230 320 190 290 180C240 165 160 165 110 180C80 190 65 230 58 290Z" fill="$[hairColor]" stroke="#000" stroke-width="4"/>`,
    "short-fade": "<defs><linearGradient id=\"fade\" gradientUnits=\"userSpaceOnUse\" x1=\"200\" y1=\"100\" x2=\"200\" y2=\"300\">\n    <stop offset=\"0\" stop-color=\"rgba(0,0,0,.3)\"/><stop offset=\"1\" stop-color=\"rgba(0,0,0,0)\"/></linearGradient></defs>\n  <style>.shade { fill: url(#fade); stroke: none }</style>\n  <path id=\"Short Fade\" class=\"shade\" d=\"M62 290C60 170 110 112 200 112C290 112 340 170 338 290C325 200 290 180 200 180C110 180 75 200 62 290Z\"/>",
    shortBangs: '<path d="M58 290C50 170 110 96 200 96C290 96 350 170 342 290L320 235L280 245L240 235L200 245L160 235L120 245L80 235Z" fill="$[hairColor]" stroke="#000" stroke-width="4"/>',
  },
  'hairBg': {
    longHair: `<path d="M30 560C10 260 80 80 200 80C320 80 390 260 370 560Z" fill="$[hairColor]" stroke="#000" stroke-width="4"/>`,
    'none': "",
  },
  head: {
    head1: '<style>.line { stroke: #000000; stroke-width: 4px } /* a style that stays one */</style>\n  <path id="head 1" d="M200 110C290 110 340 190 340 300C340 420 270 500 200 500C130 500 60 420 60 300C60 190 110 110 200 110Z" fill="$[skinColor]" stroke="#000" stroke-width="6"/>\n  <path id="faceShave" d="M70 330C80 430 140 490 200 490C260 490 320 430 330 330C300 420 250 400 200 400C150 400 100 420 70 330Z" fill="$[faceShave]"/>\n  <path id="headShave" d="M66 260C70 170 130 116 200 116C270 116 330 170 334 260C300 190 260 180 200 180C140 180 100 190 66 260Z" fill="$[headShave]"/>\n  <path class="line" d="M185 486L215 486" fill="none"/>',
    head2: `<rect x="70" y="120" width="260" height="370" rx="90" fill="$[skinColor]" stroke="#000" stroke-width="6"/>
  <path d="M80 340C90 440 140 480 200 480C260 480 310 440 320 340C300 420 250 405 200 405C150 405 100 420 80 340Z" fill="$[faceShave]"/>`,
  },
  "jersey": {
    "jersey": "<path d=\"M-20 620C-10 540 60 530 130 522C160 570 240 570 270 522C340 530 410 540 420 620Z\" fill=\"$[primary]\" stroke=\"#000\" stroke-width=\"6\"/>\n  <path d=\"M130 522C160 570 240 570 270 522\" fill=\"none\" stroke=\"$[accent]\" stroke-width=\"8\"/>",
  },
  miscLine: {
    chin1: '<path d="M190 480C196 486 204 486 210 480" fill="none" stroke="#000" stroke-width="3"/>',
  },
  mouth: {
    side: `<path d="M1 22L61 12L51 2" fill="none" stroke="#000" stroke-width="5"/>`,
    'smile': "<path d=\"M160 428C170 455 230 455 240 428C215 436 185 436 160 428Z\" fill=\"#fff\" stroke=\"#000\" stroke-width=\"5\"/>",
    straight: '<path d="M165 440L240 440" fill="none" stroke="#000" stroke-width="5"/>',
  },
  "nose": {
    nose1: `<path d="M12 3L4 50C4 62 44 62 44 50" fill="none" stroke="#000" stroke-width="6"/>`,
    "pinocchio": "<path d=\"M3 3L83 20L3 30\" fill=\"$[skinColor]\" stroke=\"#000\" stroke-width=\"6\"/>",
  },
  smileLine: {
    line1: '<path d="M20 3C5 15 2 35 8 50" fill="none" stroke="#000" stroke-width="4"/>',
  },
};
export default svgs;
