// Package reqcontext holds what is known of one request on its way through the
// data plane: the facts as they arrived, the stage and route that were chosen, what
// the authorizer and the integration said, and the answer.
//
// The gateway makes one Context per request, the API type fills it in step by step,
// and every step reads typed fields. Lookup and Variable give the same facts by the
// names of AWS's $context variables, for mappings, templates and logs. Nothing here
// decides anything.
package reqcontext
