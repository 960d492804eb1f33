"""Who may do what: every operation, every socket action and every other page, for everybody there is.

The admin's pages are in ``policy_admin``. Reviewed by hand. The tests walk all of it, and fail for a route that is
missing here or that there is no more.
"""

# What each caller is answered; where the path names a row, it is the customer's own.
#   nobody    without credentials
#   dead      the token of somebody deactivated, one that has run out, and one that waits for a second factor
#   owing     staff whose role asks for a second factor that they have not shown; "mfa" is mfa_enrolment_required
#   own       the customer, on their own rows
#   other     another customer; they are answered what ...
#   absent    ... the customer is for a row that nobody has, to the byte
#   manager, admin    staff in the built-in roles
#   idle, working     a program that may do nothing, and one with every scope
# A cell without a code has the usual one: 400 webhook_signature_invalid; 401 not_authenticated (or what is wrong with
# the token), 403 permission_denied, 404 not_found, 422 invalid; 409 any. "-": the path names no row. Where 422 stands,
# whoever shows something right is let in.
REST = """
                                            nobody dead owing  own other absent manager admin idle working
GET    /admin/users                            401  401   mfa  403     -      -     403   200  403     403
GET    /admin/users/{id}                       401  401   mfa  403   403    403     403   200  403     403
PATCH  /admin/users/{id}                       401  401   mfa  403   403    403     403   200  403     403
POST   /admin/users/{id}/end-sessions          401  401   mfa  403   403    403     403   200  403     403

POST   /auth/facebook                          422  422   422  422     -      -     422   422  422     422
POST   /auth/firebase                          422  422   422  422     -      -     422   422  422     422
POST   /auth/google                            422  422   422  422     -      -     422   422  422     422
POST   /auth/login                             200  200   200  200     -      -     200   200  200     200
POST   /auth/logout                            200  401   200  200     -      -     200   200  200     200
POST   /auth/logout-all                        401  401   200  200     -      -     200   200  403     403
GET    /auth/mfa                               401  401   200  200     -      -     200   200  403     403
GET    /auth/mfa/passkeys                      401  401   200  200     -      -     200   200  403     403
POST   /auth/mfa/passkeys/begin                422  422   422  422     -      -     422   422  422     422
POST   /auth/mfa/passkeys/complete             422  422   422  422     -      -     422   422  422     422
POST   /auth/mfa/passkeys/register/begin       401  401   200  200     -      -     200   200  403     403
POST   /auth/mfa/passkeys/register/complete    401  401   422  422     -      -     422   422  403     403
DELETE /auth/mfa/passkeys/{id}                 401  401   404  204   404    404     404   404  403     403
GET    /auth/mfa/recovery-codes                401  401   200  200     -      -     200   200  403     403
POST   /auth/mfa/recovery-codes                401  401   409  201     -      -     409   409  403     403
DELETE /auth/mfa/totp                          401  401   404  404     -      -     404   404  403     403
GET    /auth/mfa/totp                          401  401   200  200     -      -     200   200  403     403
POST   /auth/mfa/totp                          401  401   200  200     -      -     200   200  403     403
POST   /auth/mfa/totp/activate                 401  401   422  422     -      -     422   422  403     403
POST   /auth/mfa/verify                        422  422   422  422     -      -     422   422  422     422
POST   /auth/passkeys/begin                    200  200   200  200     -      -     200   200  200     200
POST   /auth/passkeys/complete                 422  422   422  422     -      -     422   422  422     422
POST   /auth/password/change                   401  401   422  422     -      -     422   422  403     403
POST   /auth/password/reset                    202  202   202  202     -      -     202   202  202     202
POST   /auth/password/reset/confirm            422  422   422  422     -      -     422   422  422     422
POST   /auth/refresh                           200  200   200  200     -      -     200   200  200     200
POST   /auth/register                          201  201   201  201     -      -     201   201  201     201
POST   /auth/resend-code                       202  202   202  202     -      -     202   202  202     202
POST   /auth/reverify                          401  401   200  200     -      -     200   200  403     403
POST   /auth/verify-email                      422  422   422  422     -      -     422   422  422     422

GET    /brands                                 200  401   mfa  200     -      -     200   200  200     200
POST   /brands                                 401  401   mfa  403     -      -     201   201  403     201
DELETE /brands/{id}                            401  401   mfa  403   403    403     409   409  403     409
GET    /brands/{id}                            200  401   mfa  200   200    404     200   200  200     200
PATCH  /brands/{id}                            401  401   mfa  403   403    403     200   200  403     200
PUT    /brands/{id}                            401  401   mfa  403   403    403     200   200  403     200

GET    /categories                             200  401   mfa  200     -      -     200   200  200     200
POST   /categories                             401  401   mfa  403     -      -     201   201  403     201
DELETE /categories/{id}                        401  401   mfa  403   403    403     409   409  403     409
GET    /categories/{id}                        200  401   mfa  200   200    404     200   200  200     200
PATCH  /categories/{id}                        401  401   mfa  403   403    403     200   200  403     200
PUT    /categories/{id}                        401  401   mfa  403   403    403     200   200  403     200

GET    /materials                              200  401   mfa  200     -      -     200   200  200     200
POST   /materials                              401  401   mfa  403     -      -     201   201  403     201
DELETE /materials/{id}                         401  401   mfa  403   403    403     409   409  403     409
GET    /materials/{id}                         200  401   mfa  200   200    404     200   200  200     200
PATCH  /materials/{id}                         401  401   mfa  403   403    403     200   200  403     200
PUT    /materials/{id}                         401  401   mfa  403   403    403     200   200  403     200

GET    /tags                                   200  401   mfa  200     -      -     200   200  200     200
POST   /tags                                   401  401   mfa  403     -      -     201   201  403     201
DELETE /tags/{id}                              401  401   mfa  403   403    403     204   204  403     204
GET    /tags/{id}                              200  401   mfa  200   200    404     200   200  200     200
PATCH  /tags/{id}                              401  401   mfa  403   403    403     200   200  403     200
PUT    /tags/{id}                              401  401   mfa  403   403    403     200   200  403     200

GET    /home                                   200  401   mfa  200     -      -     200   200  200     200

DELETE /media/{id}                             401  401   mfa  403   403    403     204   204  403     204
GET    /media/{id}                             401  401   mfa  403   403    403     200   200  403     200
PATCH  /media/{id}                             401  401   mfa  403   403    403     200   200  403     200

GET    /coupons                                401  401   mfa  403     -      -     200   200  403     200
POST   /coupons                                401  401   mfa  403     -      -     201   201  403     201
DELETE /coupons/{id}                           401  401   mfa  403   403    403     204   204  403     204
GET    /coupons/{id}                           401  401   mfa  403   403    403     200   200  403     200
PATCH  /coupons/{id}                           401  401   mfa  403   403    403     200   200  403     200
PUT    /coupons/{id}                           401  401   mfa  403   403    403     200   200  403     200

GET    /customizations                         200  401   mfa  200     -      -     200   200  200     200
POST   /customizations                         401  401   mfa  403     -      -     201   201  403     201
POST   /customizations/backgrounds             401  401   mfa  403     -      -     415   415  403     415
DELETE /customizations/presets/{id}            401  401   mfa  403   403    403     204   204  403     204
GET    /customizations/presets/{id}            401  401   mfa  403   403    403     200   200  403     200
PATCH  /customizations/presets/{id}            401  401   mfa  403   403    403     200   200  403     200
POST   /customizations/preview                 200  401   mfa  200     -      -     200   200  403     403
GET    /customizations/previews/{id}           404  401   mfa  200   404    404     404   404  404     404
POST   /customizations/uploads                 415  401   mfa  415     -      -     415   415  403     403
DELETE /customizations/uploads/{id}            404  401   mfa  204   404    404     404   404  404     404
GET    /customizations/uploads/{id}            404  401   mfa  200   404    404     200   200  404     200
GET    /customizations/uploads/{id}/file       404  401   mfa  200   404    404     200   200  404     200
DELETE /customizations/{id}                    401  401   mfa  403   403    403     204   204  403     204
GET    /customizations/{id}                    200  401   mfa  200   200    404     200   200  200     200
PATCH  /customizations/{id}                    401  401   mfa  403   403    403     200   200  403     200
PUT    /customizations/{id}                    401  401   mfa  403   403    403     200   200  403     200
POST   /customizations/{id}/clone              401  401   mfa  403   403    403     201   201  403     201
GET    /customizations/{id}/presets            200  401   mfa  200   200    404     200   200  200     200
POST   /customizations/{id}/presets            401  401   mfa  403   403    403     201   201  403     201
GET    /customizations/{id}/schema             200  401   mfa  200   200    404     200   200  200     200

GET    /offers                                 200  401   mfa  200     -      -     200   200  200     200
POST   /offers                                 401  401   mfa  403     -      -     201   201  403     201
DELETE /offers/{id}                            401  401   mfa  403   403    403     204   204  403     204
GET    /offers/{id}                            200  401   mfa  200   200    404     200   200  200     200
PATCH  /offers/{id}                            401  401   mfa  403   403    403     200   200  403     200
PUT    /offers/{id}                            401  401   mfa  403   403    403     200   200  403     200

GET    /price-breaks                           401  401   mfa  403     -      -     200   200  403     200
POST   /price-breaks                           401  401   mfa  403     -      -     201   201  403     201
DELETE /price-breaks/{id}                      401  401   mfa  403   403    403     204   204  403     204
GET    /price-breaks/{id}                      401  401   mfa  403   403    403     200   200  403     200
PATCH  /price-breaks/{id}                      401  401   mfa  403   403    403     200   200  403     200

DELETE /cart                                   204  401   mfa  204     -      -     204   204  403     403
GET    /cart                                   200  401   mfa  200     -      -     200   200  403     403
POST   /cart/items                             201  401   mfa  201     -      -     201   201  403     403
DELETE /cart/items/{id}                        404  401   mfa  204   404    404     404   404  403     403
PATCH  /cart/items/{id}                        404  401   mfa  200   404    404     404   404  403     403

GET    /orders                                 401  401   mfa  200     -      -     200   200  200     200
POST   /orders                                 422  401   mfa  201     -      -     201   201  403     403
GET    /orders/drafts                          401  401   mfa  403     -      -     200   200  403     200
POST   /orders/drafts                          401  401   mfa  403     -      -     201   201  403     201
DELETE /orders/drafts/{id}                     401  401   mfa  403   403    403     204   204  403     204
GET    /orders/drafts/{id}                     401  401   mfa  403   403    403     200   200  403     200
PUT    /orders/drafts/{id}                     401  401   mfa  403   403    403     200   200  403     200
POST   /orders/drafts/{id}/place               401  401   mfa  403   403    403     201   201  403     403
GET    /orders/proofs/{id}                     401  401   mfa  200   404    404     200   200  404     200
POST   /orders/quote                           200  401   mfa  200     -      -     200   200  200     200
DELETE /orders/{id}                            401  401   mfa  200   404    404     200   200  404     409
GET    /orders/{id}                            401  401   mfa  200   404    404     200   200  404     200
PATCH  /orders/{id}                            401  401   mfa  200   404    404     200   200  404     403
PUT    /orders/{id}                            401  401   mfa  200   404    404     200   200  404     403
POST   /orders/{id}/accept-quote               401  401   mfa  422   404    404     403   403  404     403
POST   /orders/{id}/cancel                     401  401   mfa  200   404    404     200   200  404     409
POST   /orders/{id}/checkout                   401  401   mfa  409   404    404     409   409  404     403
GET    /orders/{id}/credit-notes               401  401   mfa  200   404    404     200   200  404     200
GET    /orders/{id}/documents/gift-card        401  401   mfa  403   404    404     200   200  404     200
GET    /orders/{id}/documents/invoice          401  401   mfa  409   404    404     200   200  404     200
GET    /orders/{id}/documents/packing-slip     401  401   mfa  403   404    404     200   200  404     200
GET    /orders/{id}/links                      401  401   mfa  200   404    404     200   200  404     403
POST   /orders/{id}/links                      401  401   mfa  201   404    404     201   201  404     403
DELETE /orders/{id}/links/{link}               401  401   mfa  204   404    404     204   204  404     403
POST   /orders/{id}/refund                     401  401   mfa  403   404    404     409   409  404     403
POST   /orders/{id}/refund/retry               401  401   mfa  403   404    404     409   409  404     403
POST   /orders/{id}/return                     401  401   mfa  403   404    404     409   409  404     403
GET    /orders/{id}/reorder                    401  401   mfa  200   404    404     200   200  404     200
POST   /orders/{id}/review                     401  401   mfa  403   404    404     422   422  404     403
PUT    /orders/{id}/status                     401  401   mfa  403   404    404     200   200  404     409
GET    /orders/{id}/track                      401  401   mfa  200   404    404     200   200  404     200

GET    /packages                               200  401   mfa  200     -      -     200   200  200     200
POST   /packages                               401  401   mfa  403     -      -     201   201  403     201
DELETE /packages/{id}                          401  401   mfa  403   403    403     204   204  403     204
GET    /packages/{id}                          200  401   mfa  200   200    404     200   200  200     200
PATCH  /packages/{id}                          401  401   mfa  403   403    403     200   200  403     200
PUT    /packages/{id}                          401  401   mfa  403   403    403     200   200  403     200

GET    /packages/{id}/customizations           200  401   mfa  200   200    404     200   200  200     200
POST   /packages/{id}/media                    401  401   mfa  403   403    403     415   415  403     415
GET    /packages/{id}/reviews                  200  401   mfa  200   200    404     200   200  200     200
POST   /packages/{id}/reviews  401  401   mfa  409   201    404 403:not_received 403:not_received 403 403

GET    /products                               200  401   mfa  200     -      -     200   200  200     200
POST   /products                               401  401   mfa  403     -      -     201   201  403     201
GET    /products/category/{id}                 200  401   mfa  200   200    404     200   200  200     200
DELETE /products/{id}                          401  401   mfa  403   403    403     204   204  403     204
GET    /products/{id}                          200  401   mfa  200   200    404     200   200  200     200
PATCH  /products/{id}                          401  401   mfa  403   403    403     200   200  403     200
PUT    /products/{id}                          401  401   mfa  403   403    403     200   200  403     200
GET    /products/{id}/customizations           200  401   mfa  200   200    404     200   200  200     200
POST   /products/{id}/media                    401  401   mfa  403   403    403     415   415  403     415
GET    /products/{id}/reviews                  200  401   mfa  200   200    404     200   200  200     200
POST   /products/{id}/reviews  401  401   mfa  201   201    404 403:not_received 403:not_received 403 403

POST   /payments                               401  401   mfa  409     -      -     409   409  404     403
GET    /payments/{id}                          401  401   mfa  200   404    404     200   200  404     200
POST   /payments/webhooks/{id}                 400  400   400  400   400    400     400   400  400     400

GET    /search                                 200  401   mfa  200     -      -     200   200  200     200
GET    /search/suggestions                     200  401   mfa  200     -      -     200   200  200     200

GET    /users/addresses                        401  401   mfa  200     -      -     200   200  403     403
POST   /users/addresses                        401  401   mfa  201     -      -     201   201  403     403
DELETE /users/addresses/{id}                   401  401   mfa  204   404    404     404   404  403     403
GET    /users/addresses/{id}                   401  401   mfa  200   404    404     404   404  403     403
PATCH  /users/addresses/{id}                   401  401   mfa  200   404    404     404   404  403     403
PUT    /users/addresses/{id}                   401  401   mfa  200   404    404     404   404  403     403
DELETE /users/avatar                           401  401   mfa  204     -      -     204   204  403     403
GET    /users/avatar                           401  401   mfa  200     -      -     404   404  403     403
PUT    /users/avatar                           401  401   mfa  415     -      -     415   415  403     403
GET    /users/export                           401  401   mfa  200     -      -     200   200  403     403
GET    /users/favorites                        401  401   mfa  200     -      -     200   200  403     403
POST   /users/favorites                        401  401   mfa  201     -      -     201   201  403     403
DELETE /users/favorites/{id}                   401  401   mfa  204   204    204     204   204  403     403
DELETE /users/favorites/packages/{id}          401  401   mfa  204   204    204     204   204  403     403
POST   /users/login                            200  200   200  200     -      -     200   200  200     200
DELETE /users/profile                          401  401   mfa  409     -      -     409   409  403     403
GET    /users/profile                          401  401   200  200     -      -     200   200  403     403
PATCH  /users/profile                          401  401   mfa  200     -      -     200   200  403     403
PUT    /users/profile                          401  401   mfa  200     -      -     200   200  403     403
POST   /users/register                         201  201   201  201     -      -     201   201  201     201
GET    /users/reviews                          401  401   mfa  200     -      -     200   200  403     403
DELETE /users/reviews/{id}                     401  401   mfa  204   404    404     404   404  403     403
GET    /users/reviews/{id}                     401  401   mfa  200   404    404     404   404  403     403
PATCH  /users/reviews/{id}                     401  401   mfa  200   404    404     404   404  403     403
GET    /users/sessions                         401  401   mfa  200     -      -     200   200  403     403
DELETE /users/sessions/{id}                    401  401   mfa  204   404    404     404   404  403     403
GET    /users/sessions/{id}                    401  401   mfa  200   404    404     404   404  403     403
GET    /users/social                           401  401   mfa  200     -      -     200   200  403     403
POST   /users/social                           401  401   mfa  422     -      -     422   422  403     403
DELETE /users/social/{id}                      401  401   mfa  204   404    404     404   404  403     403
GET    /users/social/{id}                      401  401   mfa  200   404    404     404   404  403     403
GET    /users/{id}/avatar                      401  401   mfa  200   404    404     404   200  403     403
"""

# What a socket is told: the event of the answer, or the code of the error. Who has not signed in with success asks the
# rest as nobody.
SOCKETS = """
                   nobody             own            other          absent         manager        admin
authenticate       token_invalid      authenticated  authenticated  authenticated  authenticated  authenticated
track_order        not_authenticated  tracking       not_found      not_found      tracking       tracking
untrack_order      not_authenticated  untracked      not_found      not_found      untracked      untracked
track_inventory    inventory_update   inventory_update inventory_update not_found     inventory_update inventory_update
untrack_inventory  untracked          untracked      untracked      untracked      untracked      untracked
preview            preview            preview          preview          invalid       preview          preview
ping               pong               pong           pong           pong           pong           pong
"""
# What signing in on a socket with a token is answered.
SOCKET_TOKENS = """
                   answer
deactivated        token_invalid
expired            token_expired
pending            token_invalid
owing              mfa_enrolment_required
"""

# Everything beside the API and the admin; all of it is for everybody.
OPEN_PAGES = """
                   status
/                  302
/admin             302
/health            200
/health/ready      200
/health/live       200
/instance-info     200
/api-docs          200
/api-docs/errors   200
/api/v2/schema     200
/media/<path:name> 404
/pay/sandbox/<slug:provider_id>   404
/pay/return/<uuid:session_id>     404
/track/<str:token>                404
"""


def read(table: str) -> dict[str, dict[str, str]]:
    """The rows of a table by what stands before their cells."""
    head, *lines = [line for line in table.splitlines() if line.strip()]
    columns = head.split()
    rows = [line.rsplit(maxsplit=len(columns)) for line in lines]
    return {" ".join(name.split()): dict(zip(columns, cells, strict=True)) for name, *cells in rows}
