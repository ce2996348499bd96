"""Objects from the model, one module per component and per concern. Pure: no I/O, no clock."""
