"""The date of publication: all dates of a page, and the choice of one."""
