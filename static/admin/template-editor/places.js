// Where on the canvas an option is shown, in numbers; the stage shows the same as boxes to drag.
import { h, icon } from "./dom.js";
import { colour, field, number, select } from "./fields.js";

const ALIGN = [["left", "Left"], ["center", "Centre"], ["right", "Right"]];
const FIT = [["cover", "Fill the place"], ["contain", "Show all of it"]];
const MASK = [["", "None"], ["circle", "Circle"], ["rounded", "Rounded"], ["heart", "Heart"]];

// A place to begin with.
export function newPlace(editor, type) {
    const { width, height } = editor.doc.canvas;
    const part = type === "image" ? 0.5 : type === "message" ? 0.3 : 0.15;
    const box = { x: Math.round(width * 0.15), y: Math.round(height * (0.5 - part / 2)), width: Math.round(width * 0.7), height: Math.round(height * part) };
    if (type === "image") return { ...box, fit: "cover" };
    if (type === "button") return box;
    return { ...box, font: editor.data.fonts[0].value, color: "#222222", align: "center" };
}

export function drawPlace(editor, option, at) {
    if (option.type === "button") return drawTint(editor, option, at);
    const { placement } = option;
    const toggle = () => {
        if (placement) delete option.placement;
        else option.placement = newPlace(editor, option.type);
        editor.changed();
        editor.render();
    };
    return h("fieldset", { class: "te-place te-wide", "data-at": `${at}/placement` },
        h("legend", {}, "On the canvas"),
        !placement && h("p", { class: "te-hint" }, editor.doc.canvas ? "Not shown. Place it here, or draw its box in the preview." : "There is no canvas to show it on."),
        placement && boxFields(editor, placement, `${at}/placement`),
        placement && (option.type === "image" ? imageFields(editor, placement, `${at}/placement`) : textFields(editor, placement, `${at}/placement`)),
        editor.doc.canvas || placement ? h("button", { type: "button", class: "te-add", onclick: toggle, "data-place": true }, icon(placement ? "hide" : "add"), placement ? "Take it off the canvas" : "Place it on the canvas") : null,
        h("ul", { class: "te-faults", role: "alert" }));
}

function drawTint(editor, option, at) {
    const { tint } = option;
    const kind = tint === "canvas" ? "canvas" : tint ? "part" : "";
    const choose = ({ target }) => {
        if (target.value === "canvas") option.tint = "canvas";
        else if (target.value) option.tint = newPlace(editor, "button");
        else delete option.tint;
        editor.changed();
        editor.render();
    };
    const options = [["", "Nothing"], ["canvas", "The whole canvas"], ["part", "A part of the canvas"]];
    return h("fieldset", { class: "te-place te-wide", "data-at": `${at}/tint` },
        h("legend", {}, "What takes on the colour"),
        h("select", { id: `te${at}/tint`, onchange: choose, "aria-label": "What takes on the colour", disabled: !editor.doc.canvas && !kind }, options.map(([value, label]) => h("option", { value, selected: value === kind }, label))),
        kind === "part" && boxFields(editor, tint, `${at}/tint`),
        h("ul", { class: "te-faults", role: "alert" }));
}

const BOX = [["x", "From the left"], ["y", "From the top"], ["width", "Width"], ["height", "Height"]];

function boxFields(editor, place, at) {
    const after = () => editor.stage.place();
    return h("div", { class: "te-numbers" }, BOX.map(([name, label]) => field(`${at}/${name}`, label, number(editor, place, name, { min: 0, after }), { note: "px" })));
}

function textFields(editor, place, at) {
    const fonts = editor.data.fonts.map(({ value, label }) => [value, label]);
    return h("div", { class: "te-fields" },
        field(`${at}/font`, "Font", select(editor, place, "font", fonts)),
        field(`${at}/color`, "Colour", colour(editor, place, "color")),
        field(`${at}/align`, "Lines stand", select(editor, place, "align", ALIGN)),
        h("details", { class: "te-wide te-more", open: ["size", "min_size", "curve", "rotation"].some((name) => place[name]) },
            h("summary", {}, "Size, curve and rotation"),
            h("div", { class: "te-fields" },
                field(`${at}/size`, "Greatest size", number(editor, place, "size", { min: 4, placeholder: "as it fits" }), { note: "px" }),
                field(`${at}/min_size`, "Least size", number(editor, place, "min_size", { min: 4 }), { note: "px", hint: "Below it, text is too long." }),
                field(`${at}/curve`, "Curve", number(editor, place, "curve", { min: -330, max: 330, placeholder: "straight" }), { note: "°" }),
                field(`${at}/rotation`, "Rotation", number(editor, place, "rotation", { min: -180, max: 180, placeholder: "0" }), { note: "°" }))));
}

function imageFields(editor, place, at) {
    return h("div", { class: "te-fields" },
        field(`${at}/fit`, "A photo of another shape", select(editor, place, "fit", FIT)),
        field(`${at}/mask`, "Cut to", select(editor, place, "mask", MASK)));
}
