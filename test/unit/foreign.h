/*
 * foreign.h
 *		Keys, signatures and encrypted keys that the openssl command line made,
 *		and the JWKs that another library (pyca/cryptography) writes for them.
 *		Throwaway keys: they protect nothing.
 *
 * Made by `openssl genpkey`, `openssl dgst -sign`, `openssl pkeyutl -sign -rawin`
 * and `openssl pkeyutl -encrypt`, 3.0.
 */
#ifndef UNIT_FOREIGN_H
#define UNIT_FOREIGN_H

/* What all of the signatures sign. */
#define FOREIGN_MESSAGE "eyJhbGciOiJ4In0.Zm9yZWlnbg"

#define FOREIGN_RSA_JWK \
	"{\"kty\":\"RSA\"" \
	",\"n\":\"2gk5atyiyxZHmdKNdwU0y2V-AUOchbcWubA_hyImrEyHJTMc39m3dDPFLcXo5h5sn3Hxgaz8GAD9jH" \
	"Vg-ikQGuiItyoR9plROVhTxAl1bI7_g0dyIWTTrzLXJnmgzNWO8k4X6wBc-Rs-86-vI82Vt2O0aHyA_q_dbQ" \
	"lKB8yc0GButfPlO7iS7fNjdaEu4tc618g24rM6Q9rI9B2VyAp08qPpwUCkd3kRKvluZbXFtTYJD743lk2YZz" \
	"gPDLo2E99hIFLFs_7BwV8EZPE_jmT7qSW_xOzszs9Cb2ScXvE0P-CpVk1ceif-5_pR9ct3tm7QxMgdEcLEgc" \
	"B3kMyDFYX2Uw\"" \
	",\"e\":\"AQAB\"" \
	",\"d\":\"Q9WJ2Q7S0RdZ6GgC3iwu_DbTyIXl_Q300omcgijkWkem5jJsQdKlClCPAIopxuphRgv3pK4Sck9gku" \
	"Hz7XB4E78TxdSfaRbTF-G8kemVcFRe91NzlSMe3suU92Hw3rl0cztLoq_mvRO2dq9KcHumIDuzZaySn2pMm_" \
	"8_WoTUptk-iruHUJOEOnYYxF1z3nP1O-5n4lBA0Md6HpszknzZTtpcPrTJ2Cdmqq1fPKL-mVX2X8eNWb3e9r" \
	"zTxEHANf64UC3dQKRATVII1vUdZ2QcTcVdyCBNKFJi-p18vQUR_24mwZ88RJYHI_UjpyQKN2JU5FQMFlBn3u" \
	"gCLuiw2n0ccQ\"" \
	",\"p\":\"9X_fysjkJj6nSc5ek_eVPCIBe2MA86_bxxveML1eQCcaC9DC6sU-s8daXmaKcbXeL-ZAbbdZRf3aqG" \
	"-0LYueIVAuDYxMHcW0isnjI2vO1XjKv8azpRwXuQlL65iHaQentoaCDJNuXPHOy93QUVCZqIfJtriUQi8bPq" \
	"DK32wueFE\"" \
	",\"q\":\"41yisgEkWu58JBGQjyfaTADEuDZ6NSNdDikdDAPBbxAB--iUq32Kx1TRZGg7CdDEkEZDX18jBPsGC8" \
	"eZV0byyt9glbJMOEzSAQKoQVsSzcfsUQOAldq8qwqMb2E2UolML_qDqmdG6Q6kttY5v0ScOIu63WuGe6bmhb" \
	"i7g335v2M\"" \
	",\"dp\":\"iPiojwaYrHHmejpm8F2BaQR8GTB6tnuWvrdgt4bgUCDA2njGV6BnRHzkgajqc1kKN2Va6xwR9ggVe" \
	"Eaim4q7VlDa8Pom-bF18r2DOh8LTnVPgcJGNse-wKFcN31ph4Ma4q6XXpbfS4IqY_pFISk8IhhoxcakCW0o4" \
	"T9rEU7VepE\"" \
	",\"dq\":\"QL_Y9aitmdfhMsRtztcirBJr86pQE2IG1kmPJCTNqbt9VShfbpdKNopJN7cXWSxDTnM0LK0DZB-5E" \
	"RG-8cQa0PvcncUxP7dg9ziygipVqJUPD-NXc1Xf9TYD2JRuzAKd1-wYIydWYnjxH8DSoU4Az3m7teMxYXWeo" \
	"OaDQGdYANE\"" \
	",\"qi\":\"ERIwKxgFsOKoK_G0llGqrUhr-6C8jzuFSMsMiR_kaww5LbVH2uexaxnGdfe_UHyGLhoNHhvHxOW2c" \
	"cVVcuMVqHU7hlrRbp0bY0EGTdSN3eBf73bM-F9DgL5GmGpn1a3yS7gwuhgYaTrFiN7_b8PU1-luQaMJxUTZr" \
	"iFXLjLheLg\"}"

#define FOREIGN_RSA_E3_JWK \
	"{\"kty\":\"RSA\"" \
	",\"n\":\"1eROrSQS-m3ljAKIQbG5RuONpbZFzwVqh25pEdHzHZGDr5YtjrBroTKKSkPU5tNVsmmlR_IeiJLEne" \
	"7WGupiSBhoEFXObJa3ebxl77gOWFEXffHwcGNUEkoIJx8rsEqkv2XTjVDPS4KcO3YGyTW21llf8_TfiJYMQd" \
	"ghrQoLTPGmmL5SWLeqHCznhREFelGSk9Dl-iCG_Vqkn7EXIuNpfJJu7oWIW_3eM5jCKIHe0nGKELQ4aByZFd" \
	"AqdWn5pLkWNok9MAEr2IqwLf-KWEuyKm6zNpofoc0hQcJXQ0pV0JuWqpOOwRuHy8TAwjdvM2Cp0GVaMXO7wn" \
	"xBw8CjOmefdQ\"" \
	",\"e\":\"Aw\"" \
	",\"d\":\"jpg0c21h_ElDsqxa1nZ7hJezw87ZNK5HBPRGC-FMvmECdQ7JCcrya3cG3C04meI5IZvDhUwUWwyDE_" \
	"SOvJxBhWWatY6JnbnPpn2ZSnq0OuC6U_agSuzittwFb2odIDHDKkPiXjXfh6xoJ6QEhiPPOZDqoqM_sGQIK-" \
	"VryLFc3fU2PYPHj2AZqrOlWFln5hLzvkjxbrwdeRJw-P9cmyboKMQO4l-eAmJkzEUqHeq3ofFLfIkkvA2maP" \
	"DIXTFQiG4W7XHWMwnfoj_fXxanfoYO8bI426v2lPr7qJwQV-j4Cjz4pnZRYiz-MUrT86oBipZ3kYI0XiSh_7" \
	"IF0gQp3jQRMw\"" \
	",\"p\":\"-6DdW_QIT-7jboRhzyQbcsh-5NmWkzL2MN7pq8Z9Yqcrm6tWT2IzQDIYeRuykcq3tsBgf-WRLU2nGh" \
	"tL6wc8A4ZnP6XCGoxdIv8uPKzaoy49xRZCMKAgAcwppXai-TMb5jPCe0l1IYT7hYGIKHlEjcX1LXIafkuoTV" \
	"zvx1aTEgc\"" \
	",\"q\":\"2ZubSw2fM608APwpGn0Zsi3klvpvx5TIyktIYHOrqphAvO-fy_Y3Bs8Yid_vOZTP4hWGAWh28iq_48" \
	"5UFdDX8Ev3PD2wQdjNviAvUm2n-JGlmNbV_SI0pfiumUjJ6I4kO30fmWRi6PzY_VMwRGo6aLAs3jIiSndI66" \
	"vKnRaGc6M\"" \
	",\"dp\":\"p8CTkqKwNUns9FhBNMK89zBUmJEPDMykIJSbx9mo7G9yZ8eO35bM1Xa6-2fMYTHPzyrq_-5gyN5vZ" \
	"rzdR1ooAlmaKm6BZwg-F1TJfciRwh7T2LmBdcAVVogbw6RspiISmXfW_Nuja639A6uwGvuDCS6jc6Fm_t0a3" \
	"j31L48Mtq8\"" \
	",\"dq\":\"kRJnh15qInN9Vf1wvFNmdslDD1Gf2mMwhtza6vfHxxArKJ-_3U7PWd9lsT_00Q3f7A5ZVkWkoXHVQ" \
	"omNY-CP9Yf6KCkgK-XefsAfjEkapbZuZeSOqMF4bqXJu4Xb8F7C0lNqZkLsm1M7U4zK2EbRmyAd6XbBhvown" \
	"R0xvg8ETRc\"" \
	",\"qi\":\"nNvt-S_e12Ag4MqCU5cKL1E5iCmsMREHbau_aQfYoF-xnAZzOLzd7rqhQWbSCem2gcKXpjFZ-gXQH" \
	"3n_orXAkvwew5oJNSlAgk7Xg1EHbBCmO4OgusWnH5KJI_gfrfbn-2xHiNPUgFIuZHifhboiztH58KyGsdFqn" \
	"9e8_YZHV2s\"}"

#define FOREIGN_P256_JWK \
	"{\"kty\":\"EC\"" \
	",\"crv\":\"P-256\"" \
	",\"x\":\"E29lxgwz6F3H46YHGJBzXLBSi8qcnihOzObaSWOEVXI\"" \
	",\"y\":\"SB-_pQlMMV5wYE0cuItPMQ4Lued-Uy3oTX3S-Mru-io\"" \
	",\"d\":\"rFR9QweQtbeDScF-nIiR0ud6ozNjusieGur5wO9muss\"}"

#define FOREIGN_P384_JWK \
	"{\"kty\":\"EC\"" \
	",\"crv\":\"P-384\"" \
	",\"x\":\"Ktb5JpTGJuHQKYc8zCX7gKTt8VGS9cGqSqSxIH_ZnleiYvmbwnyWmyRA3YtshoU6\"" \
	",\"y\":\"iFcdWu2mhpkgNSfvEude3bRXP9yV3B7-iZ7NCqv0Qu6_5jH7LtZaTgP-lmmRknSI\"" \
	",\"d\":\"Ih-xxbklo0B01RiveaEqQiHHEMkxvAFTl1K70SNstjrDjSwTvBCbgjdYMaHP-36P\"}"

#define FOREIGN_P521_JWK \
	"{\"kty\":\"EC\"" \
	",\"crv\":\"P-521\"" \
	",\"x\":\"ARSWzLMnjBVCgBA4QGjJrJZQeA3JB5crWNAGcYHP96e2vMXXS4U1NoA74cIywQ-Pv--gu9Po_W0As-" \
	"DUv8xVfPCp\"" \
	",\"y\":\"Aeqbt366h-O6KrNDbB8U5R1Bxj300iRw234lPACL8Ucg9cfTChGeVwICNtc-57EAJHIVrYdijJ9NIC" \
	"UeLfGg-7pF\"" \
	",\"d\":\"AAgyFZindsfMdlMmJyYdXuluMVroV2Uoeh1h9G56dfb88MZ6J7lKCYninz_MQkZz36FYftV93dD49I" \
	"8xrJhm7_UT\"}"

#define FOREIGN_SECP256K1_JWK \
	"{\"kty\":\"EC\"" \
	",\"crv\":\"secp256k1\"" \
	",\"x\":\"4EfId6wqjYVcKX-YRmdzEfAbq6hRoEWNiG4l1Lk0TGQ\"" \
	",\"y\":\"SA_H38NPPV6V7rfYx1qoSzg0kFO2Ia5hEWR7Gi1JxTY\"" \
	",\"d\":\"LNNjMhWs_lMNfdh5mxOtq8Xl6unBmHyGnRnxqd4knVk\"}"

#define FOREIGN_ED25519_JWK \
	"{\"kty\":\"OKP\"" \
	",\"crv\":\"Ed25519\"" \
	",\"x\":\"fINKxiS3XR3xKam2CA0cBztrAiuYEzx9N9YZNxQ1b18\"" \
	",\"d\":\"F0IhJHGtxmBFOJoFjzSP0c7w7gAs8Gw6YGDxa3EBd74\"}"

#define FOREIGN_ED448_JWK \
	"{\"kty\":\"OKP\"" \
	",\"crv\":\"Ed448\"" \
	",\"x\":\"rm-7vz81btomJuijWUw1RT4iH40IqUFY7e5YSByzRN9HaQtQz0UYlbtQMbgq0LZiP6xeG5zWEg2A\"" \
	",\"d\":\"S66byV-Ky5CnFlN258oBSp7ODNWtaBTbTWHs0EfoQxU_3sD7WXemtRHt8uGEVSmaIhJg3viGZo0_\"}"

#define FOREIGN_X25519_JWK \
	"{\"kty\":\"OKP\"" \
	",\"crv\":\"X25519\"" \
	",\"x\":\"SmTCnVhqeDtOh9IZBAbLR9JnEiyNkfUwoI6vJyYMXSo\"" \
	",\"d\":\"wKHMT1tEUe80oNYzIrmHu5i_fhyJctslUdL_l-fHXlY\"}"

#define FOREIGN_X448_JWK \
	"{\"kty\":\"OKP\"" \
	",\"crv\":\"X448\"" \
	",\"x\":\"JY5N3ScjUaRtvgwGrgkPiyrJBssuT_M08CgEQIHHwF73r-0glIMHkPs1tWlOdjBJTplLfOoVtjU\"" \
	",\"d\":\"ZK3qIcOKBjdC4sSPJpm-PhO7J3kgj8ANXNvURZ-rBAmI-zU-zr59rUAcyHxeGEKXtIOtBmAyKqU\"}"

/* Signatures as JOSE has them: RSA's as they are, ECDSA's as r || s. */
#define FOREIGN_RS256 \
	"fe_zLHjZfNsN1XbG-Wtt3gncwJweaWnBmhjDu9hW4iMujX8bNyMbaxMlh1CNB8uDPu_FaCCU646z1Szrn13D4LXH" \
	"4cFQGLl9BOVlnzJWNbPpwi7CU325acpKzgfQLgOgttAZT996ZRcC1-H1vhuyNNJAsE6gYtzEKydXNHZ44MOjzs57" \
	"3QYbkvsc7asg0byxdJJkMtk7CYBaL3yxDBtiLCz-vAR1Mf50seZ7fNvmwuuzmCD9rmlWWkFklQ3c01md-yno2at_" \
	"SmAr-swMNjiCJzNtaFj7qQFouyJs5oGYejAKDDqoXLhL3C05y3teyBEiMnDrFW1VAGuUuSN3ecmoog"

#define FOREIGN_RS384 \
	"vI4CXPCjUT7Allkl__nI8MvC2OrRUX1hvXLB-EVsR6jgbz3foVL0G0e8mQYRO-a7XFO5ivSjuI4FFTemLraJxvkc" \
	"ScEwN3PU6eytfya2A1X4igwK-jSVIjhSAvI6q8z9ujb5KZ9Fv-5ZwJn3UqFT2b418w9Tz8NoYZUJZuoV1Ae9ebVR" \
	"n9G9D6eCPBJHsIDcwt-SOuGtvWbKOeeD1giawOIAnrbpGxD7x9gKMozFW1KtNtde8C4HKFd93F6HPt9RJdJ7P4cU" \
	"lMgb9u8V6zk4IByXJrrrS-VdosKA8nwjmKIEF8oOrFJF7HUI5oOfTv5MGhDaAJDR-Qi4Xy_s9VuzzA"

#define FOREIGN_RS512 \
	"i64vTPgh7RH40zqhpnen14tJyrUHXPQhv2obCyHgv5QbQ-2mlqTbR01OHLlo7Zo6LiFp2p_cv9ZfceVFIDsNyZFi" \
	"iL60OSEWb7khg78U0LCPajzLiV42JjWGqNa7Kq7-IhAVGdu490HKpispkFxpPqr8cqdbHOHAuxpycGTaxmfHC3mT" \
	"Vl8vpYGDUfvltuBw15VAodklXUy4QoNRWckJAxSOIEJoK5E9QiBiF8jLWvgusXuB5G3GGFSQyXsm02PFfcwkOtLb" \
	"aTP3BSUoU77JVE4mbOTvBhTd4HhgcjDR5LY8VOzzHqDYRfhXX8ABh3bA7altmkzvUNK11BjBAZ56aA"

#define FOREIGN_PS256 \
	"SuS6bzQgVNCgeuwF1yIWGkETTiOWLPBlxGaghjd_kuuXewN4NnOyKsWv5x7EmzbWdaJxLYv87a670J3DegxL6Nr5" \
	"ItTOwqRmsDNu_CkXH8A7rzVQWPLcTnrl2rwYGqzBHbVCKdmnV4zjJSzpl4V-5jAWD5wtFtK3TEu_T2wr_3JMG644" \
	"fS7vmJ-DzYoF9gCLlPQy5MaW7EcUh6-iAx9dif6ovGvbu1JoyjulpuMoWxbv_UR753p3mFH3aSM3laUbu3XRaVgi" \
	"qZ1vGa1Z-WqqxTGLRtPEB9Y6apJTSZ3Eoh1iwmHeo4RSZnhByUqk_tSDS2srPHBWBiVwD_HnAzjTtQ"

#define FOREIGN_PS384 \
	"lxBs9iHCVqFfVc53NbnQg54u8VDlta9Jp8XDEuFMGTQZHj5c1HKg4T8GZN-yjC2m5g6tv43qhNygc-9nfq_iy0XQ" \
	"bq8yikjIApJUVieKMztXBfaUYXHrTYm3DVCCsZX7rCLUXXtW0php0-N-jZy_W3kJBBZH0nn3wS7yeWLLV78Zm2yf" \
	"5M5QVzkBfSuvz6QfIiyaJN3EOlGnFLssBSrfJmdy9P2sJ_LviZ0MseSmZ_lUsOJSbQAXSM7TZKYMVg6yQuTxDOIq" \
	"0Llqh_5btp0ISALXwAy0XUzNWQoftnHdZjXUXaVlUYzptO8O5xdgbb4DW8AS2hCO2qZXTInhUePuxg"

#define FOREIGN_PS512 \
	"onmpxuA4R_AQBRLo3Jh0WHYowkSe-rl-036P6EwGX6Y--AFQQDfAToo_A1QlcZYBUSCvCwNmGAFaxE9w5rJww8MU" \
	"7DjWEL_iQcIPFVdlWuacYUlzlbfZNdJHPmTakf5q37znF5bmIMzsVnglsSOkx9gqn8xWxkruDbX2F2QFgaM8MtRZ" \
	"21hUkvubIZiFQrvIjc31igkIvWbywQ-EiB2z3fmyKd7nnWP97WxYSVMKqWg9a5DjMw36Cd6HZkX_xT5gCakZnXaS" \
	"B8g0ZW8go6OmMFmKTJfpsf_Xczh5Qntg7M8CtXeMFfuueGTJgKeUNyFbCXPJPPzBC9tHyuXpW_L3GQ"

#define FOREIGN_ES256 \
	"YARVZ5ej4Ad7Wte1BVn3NP5RnSJYYOcbQXlGfRoNoWFZYHiVO3fqQLjc-epSNFLJJFJmpPlQ_dCDgdEG8EUB8w"

#define FOREIGN_ES384 \
	"IWd0wD8JBcgzKtOrQBgvo9MwJP89tb0g4hUFlI_s34RTYkJKg6oKRUtel2wtO6CRKHArZWRu7gA2eDuJtUOBdeeW" \
	"Oq0PPBGCnvLatFASVW2cj8beJ6WezsoMkvP7ubJy"

#define FOREIGN_ES512 \
	"ABjI6T0yNCNtHstmqm8eTDfypL5mT5hl_IAel8i3B2uNPRgx-booMjrQFAyyXJUXLSxxh_5_vQ-B8SHRNLsm4bmK" \
	"AOWb-H8YHsW72mbEOJQ1YeQq3P5pOABH18zBTuac2SQQH6FCOPECDi5L4clzzF82ebUaveJBGSm4Y54463rB8kOR"

#define FOREIGN_ES256K \
	"c-EtM66ETYa7tuOccAHSDpU0YRbwBCWjcO6ZBjm_oBzoKMV6eIgsxmK8zHCmXg_RGO0PhrR80KaGTsFzuuM6XQ"

#define FOREIGN_EDDSA_25519 \
	"VUmCffmScEqX-tt-z5pz5EN66cyjBM6EUOZfNkHSTIrgQiEfuB9YBswNjA9gvnDLhI5ctRrUedXwA0tVe9umBg"

#define FOREIGN_EDDSA_448 \
	"bpqicX9sCwJGmxGa4LFWLCzUr0bS2AikXfa3uiqTepBU2TtyngJV2VFylp65wWKQBauNmnvJpDAA22P8a3gEagZs" \
	"0n4PsS3YmxZUxv_HqI-WeAwwkrwaA_D0kAKXqXi_ibzPE5OKHtAaSdqaWWPnXhEA"

/* PS256 but for the salt (none, the longest) and MGF1's hash (SHA-1) */
#define FOREIGN_PS256_SALT_NONE \
	"vPre2k4hUr9J7JdP_B2ErUmdGHPTtTei4kgvAFJ8kDphFv8yXiQscaSCfG7x0vtTdSVzFdAkbD3xwoDaIjRGOBWY" \
	"qVs9sLTBla0rVBFxmopTQDNVeWvcbDPqT0XZwcEv79Kw4diC1VLVmA6vDPh40pFuvmyo42uw4fOhlKgKmYuro2RP" \
	"Ce4rBzAwJGjQeySXMWu4TUbF0FDncmXkMcFWEJzOQ1EZ_Q8PijBobV2dcouoTkne8I2emcFLK-Y1GK0lniNTw8kp" \
	"8WufikiWCx8wWmkR_nS6qLnm_ooFMxHGu1Z7ZFUo2m6TW4nMKbmOeQA1_IzTbeWNVvFvwuYXeGwBig"

#define FOREIGN_PS256_SALT_LONGEST \
	"mbtIbpGrU_KGoWsvfOnQ0voDAQE0hFWfEwmn_oSEwlijkzxg9wcFrg1WZpJkJTF-D4VDGydcxE75h8f9YOysx4eZ" \
	"gW1snvls_NCw3mJ5IPHrCGB4rydQnAXJjZsmP3a3KqkC5y1H32loR9tZZvdt7C1ZQK9kNrOgJk7OYxeDSiKhk0gP" \
	"hnpEBDgrz8mpS7dDjGHWTRB6zbrFeTiqpvSHZ6uXg80-UG1-QKWBNVcaNzZGwIlqD9fjRA0_GyXecebjeDRp1kCK" \
	"4kHTfVnENN0MPrxeujtEvNpu1JSg84cPU6ccsXFjMjNCql8gCmskvsxu1FcK-0zH236q4tHq1o7r0A"

#define FOREIGN_PS256_MGF1_SHA1 \
	"ORUk2ywQ7uXayJ6bb6FYmS74HQeEA7GcO82jf-nv5F9CAtjl6GWJLOIhv90lpqVYlBaolZgVhQf7dKv-eW_mJThV" \
	"Vz8vXjuouFLJW2afBLr4UXFe6UBUZtR15Rx9YT1Sw6C46j9b3iZTYgKzrOirrix3K_Y4VxpRPsw4H3T1YhdZzzlA" \
	"q2UXBr8HD7CbgFNJC-feePujZXpE3J6bHEkXM0SpQZGeM3Kp-rxwppG_LqLfbEyFl8QfqPqVyUX2xnUaVdIyJK50" \
	"P9kDwZ9BJJXN0EhhJAOveR31de36Kk9_fgdCT-HOdHkdlTPh_qJSXpL1eq2gioWRBNym7ALrCqcAew"

/* ES256 in DER */
#define FOREIGN_ES256_DER \
	"MEQCIGAEVWeXo-AHe1rXtQVZ9zT-UZ0iWGDnG0F5Rn0aDaFhAiBZYHiVO3fqQLjc-epSNFLJJFJmpPlQ_dCDgdEG" \
	"8EUB8w"

/*
 * Bleichenbacher's forgery for e = 3, made without the private key: its cube
 * is 00 01 ff..ff 00 and the right DigestInfo, and then garbage.
 */
#define FORGED_RS256_E3 \
	"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" \
	"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" \
	"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAMsv9SnrceQVYPXZ1IPUWQHWRdtN4JvLvY649" \
	"x6fGIdX33KTckyWW75tzq6kcDOq5oK3QM0QTLCkjKJNJZIKgfExtdpk9Zyt7rla88cFkklFzS_XxjQ"

/* The content key 0123456789abcdef0123456789abcdef, encrypted for the RSA key */
#define FOREIGN_RSA_OAEP \
	"nxtScTFnzYsHV_U8iUMrJvXutD4I-VGTS3ahEPRExWo_bfVNrUu74Yk5pIfINaVEX-j1XGNqOA6P0sn9brijEe9S" \
	"BgdfUPW7QxswoOhU2JVUfk7APqDDrA79kmXTDSVwciGYWqoWSWgMEGjiRbXSvdBjjiO6SyMSzsIxTxKSbv8sTkf4" \
	"rXJ-MBKWs35D0UNhomkjs2x6Pzl_sQldSDKAx1IkbQfsBXiy_6qM36Ft-iYOxruneViFCbY7k0dX7m1McqjYQprg" \
	"4XWyXPXqaWust5dcCXkXQrDMXyQjZJIVTlrU9txpxO6lLmOwjW8Lt03e9wUP9DCFkyBh8reeyfAhZA"

#define FOREIGN_RSA_OAEP_256 \
	"UkXmTpHm49nWNckVkrAKynb0TOvLrpqcemjKHZ3LbDlnGMxCao1DuHrvcUE3p-jF9pl9sQTTwC_cqquFuVJ6u8jb" \
	"FLjDTkLDC0U7IAGklCbyQAfPlsct7aZGfNcWBJVRrHtLaru4pKzLoe4i4P55wp--BGx77qA2Zx61IsXawyFvNcBH" \
	"Oajj6JAM9zEj752oPhJNjvff_u9N6WxEi4KRpjrfkSibmyy3Xf3WV_83ftyYdCeiAFzA06JgIh_yOWDQ-xGt3l8k" \
	"qu2hlDwMMbVQQCSHjfrUbO8V79sp06RRwUnnX5ztF-JVuJGrt3eBAjqeDrWSObkmEPK9edSY-EMoHQ"

#define FOREIGN_RSA_OAEP_384 \
	"eyoOMCXq09EXOsnKc3c-5L13pxJBkSsxs2_l5IxwEkN6YRugP8M9bU-m2KaMfXy4MGvy1qKlKEu4AngCC39HJ1fA" \
	"9J6nvJFB-tKp5gFlMsKJLlfzTTobLkZkbIDyY115EQaqR47OEriZilTDnCS1yU-rZ7NYl-4HsgOqnA7Qu7FDvO-j" \
	"2jKgBC72lcw8COL5QeUyqOU2ne5_s9y9-rATzL93glr6TW62XoJHY70UKN-WHZsILdUWW9_lRHJJbpK-BPWQ9RZU" \
	"MFNgwPUtH16399CWeBiqShl7iVNXonHdGmi3mZzY_wpTaP5OejQhEzwPgYbeAa400DlvqV-mP-pLOw"

#define FOREIGN_RSA_OAEP_512 \
	"Eqiz4Gujc5LycPEc-aSqSis-LJLA2_Ulo5DvpCiJoCrVXWz74tSwD2OYtHoSjS28NzwpLb1xB_sUAS3B06wDgwpl" \
	"gQNW2W-tNdkccml_AyxQUF44dbBX_-Zodn2ZfZ3KaRTwO0ipiZriRcF_JNudNjdSyXNcB6a8iId8q5d3EQzjkmPy" \
	"eNSOPr0s2f12CgpqlzaqV1GMMfyQf4-t-aPS-A35x3c-OUpojralXN0ON077ftc2u48Q0W_gA9ges1yMR8m9JTKd" \
	"PmY-1sBbSV4do9iKGZ1hSd_6rqWrAhorg9Z5hCBWoUnYphLlMYMjbKyH88NbrOxYlQsjhyVAr11RCA"

#define FOREIGN_RSA_OAEP_256_MGF1_SHA1 \
	"UuBM0OIoQ5usZko-jyBO1FXU2H9KclaVH6vuVrisocZ4bkDpG_DoD7lsFXu1a-gR2xFuolx-EBRnOg4oIZa4PMjj" \
	"ooQsyEBjXZF3TDLAJg5OZTb2Ft82dgfEk9404jXBddYzMC2Hbiuxo1uIlKghLdEr9bz66qO3aCTyPoC45PxXJMHB" \
	"J2ygdgI86QPWGhUiiq5AIA93aBjW1N3_uKMWWBa0vTGTUXs2Ecl34kQGpgDnqlp6GTIHcUjC1rsmKGQpVOr0ocph" \
	"0TffvCA7bLfgUehr2D2lzdSRNG0_unLaO38I45QGhw9s9BrzpGPpdBkKZBvRSDdZPDdEeJUqTrgltA"

/* Its first half under RSA-OAEP-256, and all of it under RSA1_5 */
#define FOREIGN_OAEP_256_SHORT \
	"sX4vFeFN5Qct7yqKf_GmRiDk1HjnJMCCtccgJnPqUxfWBVkkctP4RwhV8Zof07CDaPktBYYISWfdVgVfZpCPsHJD" \
	"2z01HrJ8RKPht1Jtu3AIrwB_0Bxc134qJXkZ0QuLihtd6YE-VyDbaYqaIrwrUcz9_4VCLmzM-OCt2DswHTi-E164" \
	"QlcVOvj7qgjncGO81clCXNh5P64EoeHTlq8J2cHblDxbdPf2RAammMAWGCg4Prrq774eImIRXCEbJk-v1MfZqiDP" \
	"HqR__l5w42lgypVm0i1uzT1-4eigSBGhrKT2EN4wI58YdThS106aH2PuydVH1R6kV82CiT7MK_vMyg"

#define FOREIGN_RSA1_5 \
	"SPYGTxwGKJR_tIfNz5y3MKf9AhTy40E9cq0eqMi70nMqO4N_zumBrkEA3rMvsIPPSkqPp471ILhhYcbi5CW_rhkp" \
	"ztJjT3N_do6uN5yiE_1ecdC6XCDHKxMdJfwUNb3bwLd_UuW6ByCBBUyZh2sOqNMxgD2X5XH7UmzZ1rh2kcFRTHfV" \
	"4VcdHRnn2h9NeUbmjgAoDazDVJdWJT8Dnt0Wwt_m09jcuM-odaBToffESh7QUiv603F4fQorVW67-1SYZciim_14" \
	"7kmV7yHODT-SRplsCL_W8Ap6k-aekArH8YmxexbNT9XdRIAxVDJb0n9UQ_RVw3fe3xbBArOPBtv4Rw"

#endif							/* UNIT_FOREIGN_H */
