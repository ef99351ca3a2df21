"""What of a text counts: its beginning, without words that say nothing, in English, German and Spanish."""

from typing import Final

READ: Final = 400
"""Characters of a text that count: what somebody wants stands at its beginning, and one query must stay quick."""

ENGLISH: Final = """
a about after again all also always am an and any are as at be because been before being best better but by can cannot
could did do does doing done down each every few for from further get gets getting give given good had has have having
he hello help her here hi how i idea if im in into is it its just know let like long make many may maybe me more most
much must my need needed needs never new nice no nobody not now of off often on once one only or other our out over
own please possible should show since so some somebody someone something still such take takes than thank thanks that
the their them then there these they thing things this those through to too up us use very want was way we were what
when where which while who why will wish with without work works would wouldnt you your
"""

GERMAN: Final = """
aber alle allem allen aller alles als also am an auch auf aus bei beim besser bin bis bitte brauche brauchen braucht
da dabei damit dann das dass dauert dem den denn der des die dies diese diesem diesen dieser dieses doch dort du durch
ein eine einem einen einer eines er es etwas ewig für fehlt fehlen ganz gar gern gerne gibt gut guten habe haben hallo
hat hätte hier ich ihr immer im in innen ins ist ja jede jedem jeden jeder jedes jetzt kann kein keine keinen können
könnte lange mal man mehr mein meine meinem meinen meiner mich mir mit möchte muss müssen nach nicht nie noch nur ob
oder schon sehr sein seine sich sie sind so soll sollte sondern um und uns unser unsere vom von vor wann war warum was
weil welche wenn wer werden wie wieder wieso will wir wird wo wollen wünsche wünschen würde würden zu zum zur zwischen
über
"""

SPANISH: Final = """
a al algo alguien algún alguna ante aquí así bien bueno buena cada como con cómo cual cuál cuando cuándo de del desde
donde dónde e el él ella en era es esa ese eso esta está están estas este esto estos falta favor gracias gusta
gustaría ha hace hacer han hasta hay hola ir la las le les lo los más me mejor mi mis mucho muy más necesita
necesitamos necesito ni no nos nosotros nuestra nuestro o otra otro para pero poco podemos poder podría por porque
puede puedo que qué queremos quien quién quiero quisiera se sea ser sería si sí siempre sin sobre solo son su sus
también tan tanto tarda te tener tengo tiene todo toda todos todas tu tus un una uno unos unas usted útil va vez y ya
yo
"""

EMPTY_WORDS: Final = frozenset((ENGLISH + GERMAN + SPANISH).split())
