"""The customer file, as staff read it."""

from typing import Any

from gateway.auth import staff_with
from gateway.http import Area, Call, route
from services.contracts import crm
from services.contracts.fields import Contract


class CustomersQuery(crm.ListCustomers):
    """`q` matches name and phone."""

    class Meta(Contract.Meta):
        exclude = ("branch_ids",)


class Customers(Area):
    @route(
        "GET",
        "/api/v1/customers",
        zh="客户列表",
        en="List customers",
        tag="customers",
        query=CustomersQuery(),
        calls=(crm.LIST_CUSTOMERS,),
        admission=staff_with("customer.read"),
    )
    def list_customers(self, call: Call) -> Any:
        return self.crm.list_customers(branch_ids=call.branch_ids, **call.query)

    @route(
        "GET",
        "/api/v1/customers/<uuid:customer_id>",
        zh="客户档案",
        en="Read a customer and the timeline",
        tag="customers",
        calls=(crm.GET_CUSTOMER,),
        admission=staff_with("customer.read"),
    )
    def read_customer(self, call: Call, customer_id: str) -> Any:
        return self.crm.get_customer(customer_id=customer_id, branch_ids=call.branch_ids)
