"""ICカード更新: the old card hands over, the new card accepts, by one signature each."""
