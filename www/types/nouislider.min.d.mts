// The build copies nouislider's own file beside index.html.
export * from "nouislider";
