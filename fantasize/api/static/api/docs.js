// Starts Swagger UI from a file, because the content security policy allows no inline script.
const root = document.getElementById("swagger-ui");
SwaggerUIBundle({
  url: root.dataset.schemaUrl,
  domNode: root,
  deepLinking: true,
  persistAuthorization: false,
  docExpansion: "list",
  validatorUrl: null,
});
