// A scanned code opens this page with the signed facts behind "#", which no server sees.
// They are put into the form; nothing is sent before somebody presses the button.
(function () {
  "use strict";
  var code = location.hash.slice(1);
  var field = document.getElementById("code");
  if (!field || (code.length < 40 && !field.value)) { return; }
  if (code.length >= 40) { field.value = code; }
  var scanned = document.getElementById("scanned");
  scanned.open = true;
  document.getElementById("ways").prepend(scanned);
  // A change of the language takes along what is shown first.
  document.querySelectorAll("button[name=speak]").forEach(function (button) {
    button.setAttribute("form", "by_code");
  });
  history.replaceState(null, "", location.pathname + location.search);
  scanned.querySelector("button").focus();
})();
