// Shows our OpenAPI 3.1 document in the Swagger UI that the package brings, which knows 3.0 and refuses 3.1 by its
// version alone. Of what 3.1 adds, the document uses "null" among the types of a schema; 3.0 says nullable instead.

function asVersion30(node) {
  if (Array.isArray(node)) return node.map(asVersion30);
  if (node === null || typeof node !== "object") return node;
  const copy = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, asVersion30(value)]));
  if (Array.isArray(copy.type) && copy.type.includes("null")) {
    copy.type = copy.type.find((type) => type !== "null");
    copy.nullable = true;
  }
  return copy;
}

async function start(place) {
  const response = await fetch(place.dataset.document);
  const spec = { ...asVersion30(await response.json()), openapi: "3.0.3" };
  window.SwaggerUIBundle({ spec, domNode: place, deepLinking: true, defaultModelsExpandDepth: 0, validatorUrl: null });
}

start(document.getElementById("docs"));
