// 利用者情報: prints itself.
/** @type {HTMLButtonElement} */ (document.getElementById("print")).addEventListener("click", () => print());
