"""The procedure 利用者登録手順 as data: its example's values, and what each of its screens says."""
