"""Faults that are really made: processes killed, connections cut, disks full. All are slow."""
