"""The procedures of 利用者登録: who may, what is registered, what is asked."""
