import { test } from 'uvu';
import { testPooling } from '../support/pooling-tests';

testPooling(test, 'maxPool2d');

test.run();
