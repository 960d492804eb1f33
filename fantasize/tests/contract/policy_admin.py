"""Who may do what in the admin: every page, and everything that is done with many rows, for everybody there is.

Reviewed by hand, like ``policy_table``.
"""

# Opening a page, and posting to it: 302 leads elsewhere (an outsider to the sign-in, who owes a second factor to it).
#   outsider    nobody, and a customer
#   owing       staff whose role asks for a second factor that they have not shown
#   viewer      staff without any right
#   manager, admin, superuser
ADMIN = """
                                                           outsider    owing   viewer  manager    admin superuser
/search/                                                    302/302  302/302  200/200  200/200  200/200   200/200
/login/                                                     200/200  302/200  302/200  302/200  302/200   302/200
/login/passkey/                                             405/302  405/302  405/302  405/302  405/302   405/302
/login/passkey/options/                                     405/200  405/200  405/200  405/200  405/200   405/200
/login/confirm-address/                                     302/302  302/302  302/302  302/302  302/302   302/302
/login/second-step/                                         302/302  302/302  302/302  302/302  302/302   302/302
/login/second-step/passkey/                                 302/302  302/302  302/302  302/302  302/302   302/302
/login/second-step/passkey/options/                         302/302  302/302  302/302  302/302  302/302   302/302
/login/forgot-password/                                     200/200  200/200  200/200  200/200  200/200   200/200
/login/new-password/                                        302/302  302/302  302/302  302/302  302/302   302/302
/logout/                                                    405/302  405/302  405/302  405/302  405/302   405/302
/password_change/                                           302/302  200/200  200/200  200/200  200/200   200/200
/second-factor/                                             302/302  200/405  200/405  200/405  200/405   200/405
/second-factor/confirm/                                     302/302  200/200  200/200  200/200  200/200   200/200
/second-factor/app/                                         302/302  200/200  200/200  200/200  200/200   200/200
/second-factor/app/remove/                                  302/302  405/302  405/302  405/302  405/302   405/302
/second-factor/passkeys/add/                                302/302  200/200  200/200  200/200  200/200   200/200
/second-factor/passkeys/add/options/                        302/302  405/200  405/200  405/200  405/200   405/200
/second-factor/passkeys/<int:passkey_id>/remove/            302/302  405/302  405/302  405/302  405/302   405/302
/second-factor/recovery-codes/                              302/302  405/302  405/302  405/302  405/302   405/302
/second-factor/sign-ins/end-others/                         302/302  405/302  405/302  405/302  405/302   405/302
/second-factor/sign-ins/<uuid:session_id>/end/              302/302  405/404  405/404  405/404  405/404   405/404
/                                                           302/302  302/302  200/200  200/200  200/200   200/200
/password_change/done/                                      302/302  302/302  200/405  200/405  200/405   200/405
/autocomplete/                                              302/302  302/302  403/405  403/405  403/405   403/405
/jsi18n/                                                    302/302  302/302  200/405  200/405  200/405   200/405
/r/<path:content_type_id>/<path:object_id>/                 302/302  302/302  404/404  404/404  404/404   404/404

/procrastinate/procrastinatejob/                            302/302  302/302  403/403  403/403  403/403   200/200
/procrastinate/procrastinatejob/add/                        302/302  302/302  403/403  403/403  403/403   403/403
/procrastinate/procrastinatejob/<path:object_id>/history/   302/302  302/302  403/403  403/403  403/403   200/200
/procrastinate/procrastinatejob/<path:object_id>/delete/    302/302  302/302  403/403  403/403  403/403   403/403
/procrastinate/procrastinatejob/<path:object_id>/change/    302/302  302/302  403/403  403/403  403/403   200/403
/procrastinate/procrastinatejob/<path:object_id>/           302/302  302/302  302/302  302/302  302/302   302/302

/accounts/apikey/<str:key_id>/revoke/                       302/302  302/302  405/403  405/403  405/302   405/302
/accounts/apikey/                                           302/302  302/302  403/403  403/403  200/200   200/200
/accounts/apikey/add/                                       302/302  302/302  403/403  403/403  200/200   200/200
/accounts/apikey/<path:object_id>/history/                  302/302  302/302  403/403  403/403  200/200   200/200
/accounts/apikey/<path:object_id>/delete/                   302/302  302/302  403/403  403/403  403/403   403/403
/accounts/apikey/<path:object_id>/change/                   302/302  302/302  403/403  403/403  200/403   200/403
/accounts/apikey/<path:object_id>/                          302/302  302/302  302/302  302/302  302/302   302/302

/auth/group/                                                302/302  302/302  403/403  403/403  200/200   200/200
/auth/group/add/                                            302/302  302/302  403/403  403/403  200/200   200/200
/auth/group/<path:object_id>/history/                       302/302  302/302  403/403  403/403  200/200   200/200
/auth/group/<path:object_id>/delete/                        302/302  302/302  403/403  403/403  403/403   403/403
/auth/group/<path:object_id>/change/                        302/302  302/302  403/403  403/403  200/302   200/302
/auth/group/<path:object_id>/                               302/302  302/302  302/302  302/302  302/302   302/302

/accounts/session/                                          302/302  302/302  403/403  403/403  200/200   200/200
/accounts/session/add/                                      302/302  302/302  403/403  403/403  403/403   403/403
/accounts/session/<path:object_id>/history/                 302/302  302/302  403/403  403/403  200/200   200/200
/accounts/session/<path:object_id>/delete/                  302/302  302/302  403/403  403/403  403/403   403/403
/accounts/session/<path:object_id>/change/                  302/302  302/302  403/403  403/403  200/403   200/403
/accounts/session/<path:object_id>/                         302/302  302/302  302/302  302/302  302/302   302/302

/accounts/user/<uuid:user_id>/end-sessions/                 302/302  302/302  405/403  405/403  405/302   405/302
/accounts/user/<uuid:user_id>/erase/                        302/302  302/302  403/403  403/403  200/200   200/200
/accounts/user/<id>/password/                               302/302  302/302  403/403  403/403  200/200   200/200
/accounts/user/                                             302/302  302/302  403/403  403/403  200/200   200/200
/accounts/user/add/                                         302/302  302/302  403/403  403/403  200/200   200/200
/accounts/user/<path:object_id>/history/                    302/302  302/302  403/403  403/403  200/200   200/200
/accounts/user/<path:object_id>/delete/                     302/302  302/302  403/403  403/403  403/403   403/403
/accounts/user/<path:object_id>/change/                     302/302  302/302  403/403  403/403  200/200   200/200
/accounts/user/<path:object_id>/                            302/302  302/302  302/302  302/302  302/302   302/302

/catalog/brand/                                             302/302  302/302  403/403  200/200  200/200   200/200
/catalog/brand/add/                                         302/302  302/302  403/403  200/200  200/200   200/200
/catalog/brand/<path:object_id>/history/                    302/302  302/302  403/403  200/200  200/200   200/200
/catalog/brand/<path:object_id>/delete/                     302/302  302/302  403/403  200/200  200/200   200/200
/catalog/brand/<path:object_id>/change/                     302/302  302/302  403/403  200/200  200/200   200/200
/catalog/brand/<path:object_id>/                            302/302  302/302  302/302  302/302  302/302   302/302

/catalog/category/                                          302/302  302/302  403/403  200/200  200/200   200/200
/catalog/category/add/                                      302/302  302/302  403/403  200/200  200/200   200/200
/catalog/category/<path:object_id>/history/                 302/302  302/302  403/403  200/200  200/200   200/200
/catalog/category/<path:object_id>/delete/                  302/302  302/302  403/403  200/200  200/200   200/200
/catalog/category/<path:object_id>/change/                  302/302  302/302  403/403  200/200  200/200   200/200
/catalog/category/<path:object_id>/                         302/302  302/302  302/302  302/302  302/302   302/302

/catalog/package/preview/                                   302/302  302/302  403/403  200/200  200/200   200/200
/catalog/package/import/                                    302/302  302/302  403/403  200/200  200/200   200/200
/catalog/package/export/                                    302/302  302/302  403/403  200/200  200/200   200/200
/catalog/package/                                           302/302  302/302  403/403  200/200  200/200   200/200
/catalog/package/add/                                       302/302  302/302  403/403  200/200  200/200   200/200
/catalog/package/<path:object_id>/history/                  302/302  302/302  403/403  200/200  200/200   200/200
/catalog/package/<path:object_id>/delete/                   302/302  302/302  403/403  403/403  403/403   403/403
/catalog/package/<path:object_id>/change/                   302/302  302/302  403/403  200/200  200/200   200/200
/catalog/package/<path:object_id>/                          302/302  302/302  302/302  302/302  302/302   302/302

/catalog/productmedia/of/<str:kind>/<int:target_id>/        302/302  302/302  403/403  404/404  404/404   404/404
/catalog/productmedia/of/<str:kind>/<int:target_id>/order/  302/302  302/302  405/403  405/404  405/404   405/404
/catalog/productmedia/<int:media_id>/alt/                   302/302  302/302  405/403  405/200  405/200   405/200
/catalog/productmedia/<int:media_id>/remove/                302/302  302/302  405/403  405/200  405/200   405/200
/catalog/productmedia/<int:media_id>/retry/                 302/302  302/302  405/403  405/200  405/200   405/200
/catalog/productmedia/                                      302/302  302/302  403/403  200/200  200/200   200/200
/catalog/productmedia/add/                                  302/302  302/302  403/403  403/403  403/403   403/403
/catalog/productmedia/<path:object_id>/history/             302/302  302/302  403/403  200/200  200/200   200/200
/catalog/productmedia/<path:object_id>/delete/              302/302  302/302  403/403  403/403  403/403   403/403
/catalog/productmedia/<path:object_id>/change/              302/302  302/302  403/403  200/403  200/403   200/403
/catalog/productmedia/<path:object_id>/                     302/302  302/302  302/302  302/302  302/302   302/302

/catalog/material/                                          302/302  302/302  403/403  200/200  200/200   200/200
/catalog/material/add/                                      302/302  302/302  403/403  200/200  200/200   200/200
/catalog/material/<path:object_id>/history/                 302/302  302/302  403/403  200/200  200/200   200/200
/catalog/material/<path:object_id>/delete/                  302/302  302/302  403/403  200/200  200/200   200/200
/catalog/material/<path:object_id>/change/                  302/302  302/302  403/403  200/200  200/200   200/200
/catalog/material/<path:object_id>/                         302/302  302/302  302/302  302/302  302/302   302/302

/catalog/synonym/                                           302/302  302/302  403/403  200/200  200/200   200/200
/catalog/synonym/add/                                       302/302  302/302  403/403  200/200  200/200   200/200
/catalog/synonym/<path:object_id>/history/                  302/302  302/302  403/403  200/200  200/200   200/200
/catalog/synonym/<path:object_id>/delete/                   302/302  302/302  403/403  200/302  200/302   200/302
/catalog/synonym/<path:object_id>/change/                   302/302  302/302  403/403  200/200  200/200   200/200
/catalog/synonym/<path:object_id>/                          302/302  302/302  302/302  302/302  302/302   302/302

/catalog/tag/                                               302/302  302/302  403/403  200/200  200/200   200/200
/catalog/tag/add/                                           302/302  302/302  403/403  200/200  200/200   200/200
/catalog/tag/<path:object_id>/history/                      302/302  302/302  403/403  200/200  200/200   200/200
/catalog/tag/<path:object_id>/delete/                       302/302  302/302  403/403  200/302  200/302   200/302
/catalog/tag/<path:object_id>/change/                       302/302  302/302  403/403  200/200  200/200   200/200
/catalog/tag/<path:object_id>/                              302/302  302/302  302/302  302/302  302/302   302/302

/catalog/offer/import/                                      302/302  302/302  403/403  200/200  200/200   200/200
/catalog/offer/export/                                      302/302  302/302  403/403  200/200  200/200   200/200
/catalog/offer/                                             302/302  302/302  403/403  200/200  200/200   200/200
/catalog/offer/add/                                         302/302  302/302  403/403  200/200  200/200   200/200
/catalog/offer/<path:object_id>/history/                    302/302  302/302  403/403  200/200  200/200   200/200
/catalog/offer/<path:object_id>/delete/                     302/302  302/302  403/403  200/302  200/302   200/302
/catalog/offer/<path:object_id>/change/                     302/302  302/302  403/403  200/200  200/200   200/200
/catalog/offer/<path:object_id>/                            302/302  302/302  302/302  302/302  302/302   302/302

/catalog/coupon/                                            302/302  302/302  403/403  200/200  200/200   200/200
/catalog/coupon/add/                                        302/302  302/302  403/403  200/200  200/200   200/200
/catalog/coupon/<path:object_id>/history/                   302/302  302/302  403/403  200/200  200/200   200/200
/catalog/coupon/<path:object_id>/delete/                    302/302  302/302  403/403  403/403  403/403   403/403
/catalog/coupon/<path:object_id>/change/                    302/302  302/302  403/403  200/200  200/200   200/200
/catalog/coupon/<path:object_id>/                           302/302  302/302  302/302  302/302  302/302   302/302

/catalog/taxclass/                                          302/302  302/302  403/403  200/200  200/200   200/200
/catalog/taxclass/add/                                      302/302  302/302  403/403  200/200  200/200   200/200
/catalog/taxclass/<path:object_id>/history/                 302/302  302/302  403/403  200/200  200/200   200/200
/catalog/taxclass/<path:object_id>/delete/                  302/302  302/302  403/403  200/302  200/302   200/302
/catalog/taxclass/<path:object_id>/change/                  302/302  302/302  403/403  200/200  200/200   200/200
/catalog/taxclass/<path:object_id>/                         302/302  302/302  302/302  302/302  302/302   302/302

/catalog/couponredemption/                                  302/302  302/302  403/403  200/200  200/200   200/200
/catalog/couponredemption/add/                              302/302  302/302  403/403  403/403  403/403   403/403
/catalog/couponredemption/<path:object_id>/history/         302/302  302/302  403/403  200/200  200/200   200/200
/catalog/couponredemption/<path:object_id>/delete/          302/302  302/302  403/403  403/403  403/403   403/403
/catalog/couponredemption/<path:object_id>/change/          302/302  302/302  403/403  200/403  200/403   200/403
/catalog/couponredemption/<path:object_id>/                 302/302  302/302  302/302  302/302  302/302   302/302

/catalog/product/<int:product_id>/stock/                    302/302  302/302  405/403  405/302  405/302   405/302
/catalog/product/import/                                    302/302  302/302  403/403  200/200  200/200   200/200
/catalog/product/export/                                    302/302  302/302  403/403  200/200  200/200   200/200
/catalog/product/                                           302/302  302/302  403/403  200/200  200/200   200/200
/catalog/product/add/                                       302/302  302/302  403/403  200/200  200/200   200/200
/catalog/product/<path:object_id>/history/                  302/302  302/302  403/403  200/200  200/200   200/200
/catalog/product/<path:object_id>/delete/                   302/302  302/302  403/403  403/403  403/403   403/403
/catalog/product/<path:object_id>/change/                   302/302  302/302  403/403  200/200  200/200   200/200
/catalog/product/<path:object_id>/                          302/302  302/302  302/302  302/302  302/302   302/302

/catalog/review/                                            302/302  302/302  403/403  200/200  200/200   200/200
/catalog/review/add/                                        302/302  302/302  403/403  403/403  403/403   403/403
/catalog/review/<path:object_id>/history/                   302/302  302/302  403/403  200/200  200/200   200/200
/catalog/review/<path:object_id>/delete/                    302/302  302/302  403/403  403/403  403/403   403/403
/catalog/review/<path:object_id>/change/                    302/302  302/302  403/403  200/403  200/403   200/403
/catalog/review/<path:object_id>/                           302/302  302/302  302/302  302/302  302/302   302/302

/catalog/stockitem/<int:item_id>/low-mark/                  302/302  302/302  405/403  405/302  405/302   405/302
/catalog/stockitem/import/                                  302/302  302/302  403/403  200/200  200/200   200/200
/catalog/stockitem/export/                                  302/302  302/302  403/403  200/200  200/200   200/200
/catalog/stockitem/                                         302/302  302/302  403/403  200/200  200/200   200/200
/catalog/stockitem/add/                                     302/302  302/302  403/403  403/403  403/403   403/403
/catalog/stockitem/<path:object_id>/history/                302/302  302/302  403/403  200/200  200/200   200/200
/catalog/stockitem/<path:object_id>/delete/                 302/302  302/302  403/403  403/403  403/403   403/403
/catalog/stockitem/<path:object_id>/change/                 302/302  302/302  403/403  200/403  200/403   200/403
/catalog/stockitem/<path:object_id>/                        302/302  302/302  302/302  302/302  302/302   302/302

/catalog/stockmovement/export/                              302/302  302/302  403/403  200/200  200/200   200/200
/catalog/stockmovement/                                     302/302  302/302  403/403  200/200  200/200   200/200
/catalog/stockmovement/add/                                 302/302  302/302  403/403  403/403  403/403   403/403
/catalog/stockmovement/<path:object_id>/history/            302/302  302/302  403/403  200/200  200/200   200/200
/catalog/stockmovement/<path:object_id>/delete/             302/302  302/302  403/403  403/403  403/403   403/403
/catalog/stockmovement/<path:object_id>/change/             302/302  302/302  403/403  200/403  200/403   200/403
/catalog/stockmovement/<path:object_id>/                    302/302  302/302  302/302  302/302  302/302   302/302

/core/transfer/<uuid:transfer_id>/confirm/                  302/302  302/302  405/404  405/302  405/302   405/302
/core/transfer/<uuid:transfer_id>/cancel/                   302/302  302/302  405/404  405/302  405/302   405/302
/core/transfer/<uuid:transfer_id>/undo/                     302/302  302/302  405/404  405/302  405/302   405/302
/core/transfer/<uuid:transfer_id>/progress/                 302/302  302/302  404/404  200/200  200/200   200/200
/core/transfer/<uuid:transfer_id>/errors/                   302/302  302/302  404/404  200/200  200/200   200/200
/core/transfer/<uuid:transfer_id>/file/                     302/302  302/302  404/404  404/404  404/404   404/404
/core/transfer/                                             302/302  302/302  403/403  200/200  200/200   200/200
/core/transfer/add/                                         302/302  302/302  403/403  403/403  403/403   403/403
/core/transfer/<path:object_id>/history/                    302/302  302/302  302/302  200/200  200/200   200/200
/core/transfer/<path:object_id>/delete/                     302/302  302/302  403/403  403/403  403/403   403/403
/core/transfer/<path:object_id>/change/                     302/302  302/302  404/405  200/405  200/405   200/405
/core/transfer/<path:object_id>/                            302/302  302/302  302/302  302/302  302/302   302/302

/customizations/customizationtemplate/preview/              302/302  302/302  405/403  405/400  405/400   405/400
/customizations/customizationtemplate/backgrounds/          302/302  302/302  405/403  405/422  405/422   405/422
/customizations/customizationtemplate/backgrounds/<slug:sha256>/ 302/302 302/302 403/405 404/405 404/405 404/405
/customizations/customizationtemplate/presets/<int:preset_id>/ 302/302 302/302 405/403 405/404 405/404 405/404
/customizations/customizationtemplate/presets/<int:preset_id>/remove/ 302/302 302/302 405/403 405/404 405/404 405/404
/customizations/customizationtemplate/<int:template_id>/presets/ 302/302 302/302 405/403 405/400 405/400 405/400
/customizations/customizationtemplate/<int:template_id>/v/<int:number>/ 302/302 302/302 403/405 404/405 404/405 404/405
/customizations/customizationtemplate/<int:template_id>/clone/ 302/302 302/302 405/403 405/302 405/302 405/302
/customizations/customizationtemplate/<int:template_id>/retire/ 302/302 302/302 405/403 405/302 405/302 405/302
/customizations/customizationtemplate/                      302/302  302/302  403/403  200/200  200/200   200/200
/customizations/customizationtemplate/add/                  302/302  302/302  403/403  200/400  200/400   200/400
/customizations/customizationtemplate/<path:object_id>/history/ 302/302 302/302 403/403 200/200 200/200 200/200
/customizations/customizationtemplate/<path:object_id>/delete/ 302/302 302/302 403/403 403/403 403/403 403/403
/customizations/customizationtemplate/<path:object_id>/change/ 302/302 302/302 403/403 200/400 200/400 200/400
/customizations/customizationtemplate/<path:object_id>/     302/302  302/302  302/302  302/302  302/302   302/302

/customizations/upload/<uuid:upload_id>/file/               302/302  302/302  403/405  200/405  200/405   200/405
/customizations/upload/<uuid:upload_id>/thumbnail/          302/302  302/302  403/405  200/405  200/405   200/405
/customizations/upload/                                     302/302  302/302  403/403  200/200  200/200   200/200
/customizations/upload/add/                                 302/302  302/302  403/403  403/403  403/403   403/403
/customizations/upload/<path:object_id>/history/            302/302  302/302  403/403  200/200  200/200   200/200
/customizations/upload/<path:object_id>/delete/             302/302  302/302  403/403  403/403  403/403   403/403
/customizations/upload/<path:object_id>/change/             302/302  302/302  403/403  200/403  200/403   200/403
/customizations/upload/<path:object_id>/                    302/302  302/302  302/302  302/302  302/302   302/302

/customizations/blockedword/                                302/302  302/302  403/403  200/200  200/200   200/200
/customizations/blockedword/add/                            302/302  302/302  403/403  200/200  200/200   200/200
/customizations/blockedword/<path:object_id>/history/       302/302  302/302  403/403  200/200  200/200   200/200
/customizations/blockedword/<path:object_id>/delete/        302/302  302/302  403/403  200/302  200/302   200/302
/customizations/blockedword/<path:object_id>/change/        302/302  302/302  403/403  200/200  200/200   200/200
/customizations/blockedword/<path:object_id>/               302/302  302/302  302/302  302/302  302/302   302/302

/customizations/choicestock/<int:row_id>/correct/           302/302  302/302  405/403  405/302  405/302   405/302
/customizations/choicestock/<int:row_id>/low-mark/          302/302  302/302  405/403  405/302  405/302   405/302
/customizations/choicestock/                                302/302  302/302  403/403  200/200  200/200   200/200
/customizations/choicestock/add/                            302/302  302/302  403/403  403/403  403/403   403/403
/customizations/choicestock/<path:object_id>/history/       302/302  302/302  403/403  200/200  200/200   200/200
/customizations/choicestock/<path:object_id>/delete/        302/302  302/302  403/403  403/403  403/403   403/403
/customizations/choicestock/<path:object_id>/change/        302/302  302/302  403/405  200/405  200/405   200/405
/customizations/choicestock/<path:object_id>/               302/302  302/302  302/302  302/302  302/302   302/302

/orders/order/proofs/<slug:sha256>/<slug:kind>/              302/302  302/302  403/405  404/405  404/405   404/405
/orders/order/<uuid:order_id>/documents/<slug:kind>/        302/302  302/302  403/405  404/405  404/405   404/405
/orders/order/<uuid:order_id>/refund/                       302/302  302/302  403/403  200/200  200/200   200/200
/orders/order/<uuid:order_id>/refund/again/                 302/302  302/302  405/403  405/302  405/302   405/302
/orders/order/<uuid:order_id>/review/                       302/302  302/302  405/403  405/302  405/302   405/302
/orders/order/<uuid:order_id>/links/                        302/302  302/302  405/403  405/403  405/403   405/403
/orders/order/<uuid:order_id>/edit/                         302/302  302/302  403/403  200/200  200/200   200/200
/orders/order/<uuid:order_id>/payment-link/                 302/302  302/302  405/403  405/302  405/302   405/302
/orders/order/<uuid:order_id>/move/                         302/302  302/302  405/403  405/302  405/302   405/302
/orders/order/export/                                       302/302  302/302  403/403  200/200  200/200   200/200
/orders/order/                                              302/302  302/302  403/403  200/200  200/200   200/200
/orders/order/add/                                          302/302  302/302  403/403  403/403  403/403   403/403
/orders/order/<path:object_id>/history/                     302/302  302/302  403/403  200/200  200/200   200/200
/orders/order/<path:object_id>/delete/                      302/302  302/302  403/403  403/403  403/403   403/403
/orders/order/<path:object_id>/change/                      302/302  302/302  403/405  200/405  200/405   200/405
/orders/order/<path:object_id>/                             302/302  302/302  302/302  302/302  302/302   302/302

/orders/draftorder/                                         302/302  302/302  403/403  200/200  200/200   200/200
/orders/draftorder/add/                                     302/302  302/302  403/403  200/200  200/200   200/200
/orders/draftorder/<path:object_id>/history/                302/302  302/302  403/403  200/200  200/200   200/200
/orders/draftorder/<path:object_id>/delete/                 302/302  302/302  403/403  200/302  200/302   200/302
/orders/draftorder/<path:object_id>/change/                 302/302  302/302  403/403  200/200  200/200   200/200
/orders/draftorder/<path:object_id>/                        302/302  302/302  302/302  302/302  302/302   302/302

/orders/linereview/                                         302/302  302/302  403/403  200/200  200/200   200/200
/orders/linereview/add/                                     302/302  302/302  403/403  403/403  403/403   403/403
/orders/linereview/<path:object_id>/history/                302/302  302/302  403/403  200/200  200/200   200/200
/orders/linereview/<path:object_id>/delete/                 302/302  302/302  403/403  403/403  403/403   403/403
/orders/linereview/<path:object_id>/change/                 302/302  302/302  403/405  302/405  302/405   302/405
/orders/linereview/<path:object_id>/                        302/302  302/302  302/302  302/302  302/302   302/302

/orders/cart/                                               302/302  302/302  403/403  200/200  200/200   200/200
/orders/cart/add/                                           302/302  302/302  403/403  403/403  403/403   403/403
/orders/cart/<path:object_id>/history/                      302/302  302/302  403/403  200/200  200/200   200/200
/orders/cart/<path:object_id>/delete/                       302/302  302/302  403/403  403/403  403/403   403/403
/orders/cart/<path:object_id>/change/                       302/302  302/302  403/403  200/403  200/403   200/403
/orders/cart/<path:object_id>/                              302/302  302/302  302/302  302/302  302/302   302/302

/orders/shippingmethod/                                     302/302  302/302  403/403  200/200  200/200   200/200
/orders/shippingmethod/add/                                 302/302  302/302  403/403  200/200  200/200   200/200
/orders/shippingmethod/<path:object_id>/history/            302/302  302/302  403/403  200/200  200/200   200/200
/orders/shippingmethod/<path:object_id>/delete/             302/302  302/302  403/403  200/302  200/302   200/302
/orders/shippingmethod/<path:object_id>/change/             302/302  302/302  403/403  200/200  200/200   200/200
/orders/shippingmethod/<path:object_id>/                    302/302  302/302  302/302  302/302  302/302   302/302

/orders/payment/                                            302/302  302/302  403/403  200/200  200/200   200/200
/orders/payment/add/                                        302/302  302/302  403/403  403/403  403/403   403/403
/orders/payment/<path:object_id>/history/                   302/302  302/302  403/403  200/200  200/200   200/200
/orders/payment/<path:object_id>/delete/                    302/302  302/302  403/403  403/403  403/403   403/403
/orders/payment/<path:object_id>/change/                    302/302  302/302  403/403  200/403  200/403   200/403
/orders/payment/<path:object_id>/                           302/302  302/302  302/302  302/302  302/302   302/302

/orders/webhookevent/                                       302/302  302/302  403/403  200/200  200/200   200/200
/orders/webhookevent/add/                                   302/302  302/302  403/403  403/403  403/403   403/403
/orders/webhookevent/<path:object_id>/history/              302/302  302/302  403/403  200/200  200/200   200/200
/orders/webhookevent/<path:object_id>/delete/               302/302  302/302  403/403  403/403  403/403   403/403
/orders/webhookevent/<path:object_id>/change/               302/302  302/302  403/403  200/403  200/403   200/403
/orders/webhookevent/<path:object_id>/                      302/302  302/302  302/302  302/302  302/302   302/302

/<app_label>/                                               302/302  302/302  404/404  200/200  200/200   200/200
/<url>                                                      302/302  302/302  404/404  404/404  404/404   404/404
"""

# What can be done with many rows at once; "-": nothing, or the list does not open.
ACTIONS = """
                              viewer  manager                    admin                      superuser
procrastinate.procrastinatejob     -  -                          -                          retry,cancel,abort
accounts.apikey                    -  -                          -                          -
auth.group                         -  -                          delete_selected            delete_selected
accounts.session                   -  -                          -                          -
accounts.user                      -  -                          -                          -
catalog.brand                      -  delete_selected            delete_selected            delete_selected
catalog.category                   -  delete_selected            delete_selected            delete_selected
catalog.package                    -  export_selected            export_selected            export_selected
catalog.productmedia               -  -                          -                          -
catalog.material                   -  delete_selected            delete_selected            delete_selected
catalog.product                    -  export_selected            export_selected            export_selected
catalog.synonym                    -  delete_selected            delete_selected            delete_selected
catalog.tag                        -  delete_selected            delete_selected            delete_selected
catalog.review                     -  publish,reject             publish,reject             publish,reject
catalog.offer - delete_selected,export_selected delete_selected,export_selected delete_selected,export_selected
catalog.coupon                     -  delete_selected            delete_selected            delete_selected
catalog.taxclass                   -  delete_selected            delete_selected            delete_selected
catalog.couponredemption           -  -                          -                          -
catalog.stockitem                  -  export_selected            export_selected            export_selected
catalog.stockmovement              -  export_selected            export_selected            export_selected
customizations.customizationtemplate - -                       -                          -
customizations.upload              -  -                          -                          -
customizations.choicestock         -  -                          -                          -
customizations.blockedword         -  delete_selected            delete_selected            delete_selected
core.transfer                      -  -                          -                          -
orders.order - processed,shipped,export_selected processed,shipped,export_selected processed,shipped,export_selected
orders.cart                        -  -                          -                          -
orders.draftorder                  -  -                          -                          -
orders.linereview                  -  -                          -                          -
orders.shippingmethod              -  delete_selected            delete_selected            delete_selected
orders.payment                     -  -                          -                          -
orders.webhookevent                -  -                          -                          -
"""
