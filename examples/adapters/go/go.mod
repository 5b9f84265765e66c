module adapter

go 1.19

require example.com/acme v1.2.3
