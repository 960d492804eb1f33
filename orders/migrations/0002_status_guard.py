from django.db import migrations

# orders/states.py, said once more where no code can go around it. A test compares the two.
GUARD = """
CREATE FUNCTION orders_guard_status() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.status NOT IN ('under_review', 'pending') THEN
            RAISE EXCEPTION 'an order cannot begin as %', NEW.status
                USING ERRCODE = 'check_violation', CONSTRAINT = 'order_status_legal';
        END IF;
    ELSIF (OLD.status, NEW.status) NOT IN (
        ('under_review', 'pending'), ('under_review', 'rejected'), ('under_review', 'cancelled'),
        ('pending', 'processing'), ('pending', 'cancelled'),
        ('cancelled', 'processing'),
        ('processing', 'processed'), ('processing', 'cancelled'),
        ('processed', 'shipped'), ('processed', 'cancelled'),
        ('shipped', 'delivered'), ('shipped', 'returned'),
        ('delivered', 'returned')
    ) THEN
        RAISE EXCEPTION 'an order cannot go from % to %', OLD.status, NEW.status
            USING ERRCODE = 'check_violation', CONSTRAINT = 'order_status_legal';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER orders_order_begins_legally
    BEFORE INSERT ON orders_order FOR EACH ROW EXECUTE FUNCTION orders_guard_status();
CREATE TRIGGER orders_order_moves_legally
    BEFORE UPDATE OF status ON orders_order FOR EACH ROW
    WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION orders_guard_status();
"""
UNGUARD = """
DROP TRIGGER orders_order_moves_legally ON orders_order;
DROP TRIGGER orders_order_begins_legally ON orders_order;
DROP FUNCTION orders_guard_status();
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0001_initial")]

    operations = [migrations.RunSQL(GUARD, UNGUARD)]
