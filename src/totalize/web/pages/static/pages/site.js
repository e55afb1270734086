// Pages work without this file; it makes some of them kinder.
(function () {
  "use strict";
  // The first problem of a form gets the focus, so that nobody has to look for it.
  var problem = document.querySelector(".problem[role=alert], .field.wrong input, .field.wrong select");
  if (problem) {
    if (!problem.hasAttribute("tabindex") && problem.matches(".problem")) { problem.setAttribute("tabindex", "-1"); }
    problem.focus();
  }
  document.querySelectorAll("[data-print]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () { window.print(); });
  });
  document.querySelectorAll("form[data-once]").forEach(function (form) {
    form.addEventListener("submit", function (event) {
      if (form.dataset.sent) { event.preventDefault(); }
      form.dataset.sent = "yes";
    });
  });
})();
