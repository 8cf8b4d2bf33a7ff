"""Parts of the specification (``openapi``): refusals, headers, words of fields, examples."""
