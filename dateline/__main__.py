from dateline.main import main

main()
