"""Whether a resource of a policy can be one of a form of the Service Authorization Reference."""

import functools
import re

# The names that may have slashes in them.
WITH_SLASHES = re.compile(r".*WithPath|LogGroupName|LogStreamName|ObjectName|OidcProviderName|UrlEncodedResourceARN")


def meet(form, resource):
    """Whether there is an ARN of a form, such as `arn:${Partition}:sqs:${Region}:${Account}:${QueueName}`, that a
    resource with stars is like.
    """
    parts = tuple(tokens(form))

    @functools.cache
    def there_is(at, place):
        """Whether there is one for the rest of both."""
        if at == len(parts) and place == len(resource):
            return True
        if resource[place : place + 1] == "*" and there_is(at, place + 1):
            return True
        if at == len(parts):
            return False
        excluded = parts[at]
        if resource[place : place + 1] == "*":
            return there_is(at + 1, place)
        if isinstance(excluded, str):
            return resource[place : place + 1] == excluded and there_is(at + 1, place + 1)
        if there_is(at + 1, place):
            return True
        return place < len(resource) and resource[place] not in excluded and there_is(at, place + 1)

    return there_is(0, 0)


def tokens(form):
    """Letters, and for each name the letters that cannot be in it."""
    for number, part in enumerate(re.split(r"\$\{([^}]*)\}", form)):
        if number % 2 == 0:
            yield from part
        else:
            yield frozenset(":" if WITH_SLASHES.fullmatch(part) else ":/")
