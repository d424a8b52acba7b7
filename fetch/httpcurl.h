/* Inside fetch/: how an answer or a failure of curl is judged, by whoever downloads. */
#ifndef FETCH_HTTPCURL_H
#define FETCH_HTTPCURL_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>

/* May another attempt go better? */
bool http_status_may_pass(long status);
bool http_curl_may_pass(CURLcode code);
/* Certificates are judged always, by the machine's authorities or by those of SSL_CERT_FILE and SSL_CERT_DIR, which a
 * proxy that opens connections makes necessary. */
void http_curl_trust(CURL *e);
/* Curl's sentence (its own where it told one, else that of the code) in our form. */
void http_curl_text(const char *told, CURLcode code, char *ret, size_t size);

#endif
