// Escape hides the evidence of a name in the text until the pointer or the focus moves.
const story = document.querySelector(".story");
const show = () => story.classList.remove("quiet");

document.addEventListener("keydown", ({ key }) => {
  if (key !== "Escape") return;
  story.classList.add("quiet");
  story.querySelector(".named:focus")?.blur();
});
document.addEventListener("pointerover", show);
document.addEventListener("focusin", show);
