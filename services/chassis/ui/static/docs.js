"use strict";
SwaggerUIBundle({ url: document.getElementById("swagger").dataset.spec, dom_id: "#swagger", deepLinking: true, validatorUrl: null });
