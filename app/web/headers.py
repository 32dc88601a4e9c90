"""What every answer says about security and caching: a strict policy without inline script or style."""

from flask import Flask, Response, request

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; "
    "manifest-src 'self'; worker-src 'self'"
)
PICTURES = "img-src 'self' data:"
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "geolocation=(self), camera=(self), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def policy_with_pictures_of(origin: str) -> str:
    """The same policy for a page that also shows pictures of one other origin, like the tiles of a map."""
    return POLICY.replace(PICTURES, f"{PICTURES} {origin}")


def init_app(app: Flask) -> None:
    always = dict(HEADERS)
    if app.config["CONFIG"].public_url.startswith("https://"):
        always["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    pages = always | {"Cache-Control": "no-store"}

    @app.after_request
    def protect(response: Response) -> Response:
        """What a view said itself stays."""
        wanted = always if request.endpoint == "static" else pages
        response.headers.extend({name: wanted[name] for name in wanted.keys() - response.headers.keys()})
        return response
