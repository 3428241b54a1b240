"""A closed month as the release before stored it, byte for byte: snapshot, state and audit entry."""

# fmt: off
SNAPSHOT = (
    b'{"as_of":"2023-07-01","previous":"2023-06-01","month":"2023-06","revision":0,"status":"final",'
    b'"positions":{"accounts:0":"1688600000000-0","accounts:1":"0-0"},"rows":[{"unit":"an-nhon","target":1,'
    b'"achieved":40,"goal":4236,"numerator":null,"denominator":null,"attainment":0.009442870632672332,'
    b'"increase":40,"previous_increase":0,"growth":null},{"unit":"an-nhon","target":3,"achieved":0.0,'
    b'"goal":0.4,"numerator":0,"denominator":40,"attainment":0.0,"increase":null,"previous_increase":null,'
    b'"growth":null}],"rates":[{"unit":"an-nhon","target":3,"rate":0.0,"previous_rate":null,"change":null,'
    b'"numerator_increase":0,"denominator_increase":40,"from_numerator":null,"from_denominator":null}],'
    b'"measures":[{"measure":"member_accounts","unit":"an-nhon","now":40,"previous":0,"before":0}]}'
)
STATE = (
    b'{"month":"2023-06","revision":0,"status":"final",'
    b'"taken":[{"digest":"f407c54b8a6e492be46f467afca9f95a8407ece8de9bd10382327c2d3cbc21b2",'
    b'"closed_at":"2023-07-06T00:00:01.250000Z","by":"Lan"}]}'
)
AUDIT_ENTRY = (
    b'{"at":"2023-07-06T00:00:01.250000Z","who":"Lan","what":"close","month":"2023-06","revision":0,'
    b'"status":"final","reason":"",'
    b'"digest":"f407c54b8a6e492be46f467afca9f95a8407ece8de9bd10382327c2d3cbc21b2"}'
)
# fmt: on
