import time, eventlet
from tests.integration.gateway.conftest import *
from tests.conftest import *
from tests.integration.gateway.test_stream import publish, hub_of, STREAM
def test_restart(site, rabbit):
    opened = site.staff().stream(STREAM); opened.next()
    rabbit.kill(); eventlet.sleep(1)
    t=time.time(); a=site.anybody.get("/api/v1/branches"); print("down:",a.status,a.json["code"],round(time.time()-t,2))
    print("readyz", site.anybody.get("/readyz").status, site.anybody.get("/healthz").status)
    rabbit.start()
    t=time.time(); print("stream ended:", list(opened.changes()), round(time.time()-t,2))
    t=time.time()
    while time.time()-t<40:
        a=site.anybody.get("/api/v1/branches")
        if a.status==200: break
        eventlet.sleep(.5)
    print("back:",a.status,round(time.time()-t,2), site.anybody.get("/readyz").status)
    again = site.staff().stream(STREAM); again.next()
    p=publish("customer.created")
    print(next(again.changes())["id"]==p)
    again.close()
